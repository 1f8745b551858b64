package io.ringfence.bench.scale;

import io.ringfence.bench.host.OnlineCpus;
import io.ringfence.bench.peer.PeerException;
import io.ringfence.bench.report.BenchmarkOutput;
import io.ringfence.bench.report.Numbers;
import io.ringfence.bench.report.Rounds;
import io.ringfence.bench.scale.ScaleResult.Round;
import io.ringfence.bench.scale.ScaleResult.Size;
import io.ringfence.bench.terminal.Cleanup;
import io.ringfence.bench.terminal.PrivateFolder;
import io.ringfence.dataplane.cost.HostIdentity;
import io.ringfence.scheduler.HousekeepingAffinity;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What a frame, a victim's latency, memory and idling cost by the number of VMs on one CPU. */
@Command(
        name = "scale",
        mixinStandardHelpOptions = true,
        header = "Measure what it costs to have many VMs on one CPU.",
        description = {
            "",
            "CPU time of the workers for a frame, a victim's latency beside all others, memory, CPU time of idle VMs, and how"
                    + " one more VM comes while the others exchange frames: by the number of VMs. The switch has the last"
                    + " CPU, the load the first. Some eleven minutes as it stands. Needs root and two CPUs that nobody else"
                    + " uses.",
            "",
            "Targets that are missed are printed like those that are met, and do not change the exit code.",
            "",
            "Exit codes: 0 done; 1 failed; 2 bad command line; 3 this host cannot run it.",
            ""
        })
public final class ScaleCommand implements Callable<Integer> {
    @Option(
            names = "--vms",
            paramLabel = "LIST",
            split = ",",
            defaultValue = "2,4,8,16,32,64",
            description = "Numbers of VMs, even, 2 to 64, in ascending order (default: ${DEFAULT-VALUE}).")
    private List<Integer> vms = List.of();

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "5",
            description = "How often each number of VMs is measured, 1 to 1000 (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Option(
            names = "--seconds",
            paramLabel = "SECONDS",
            defaultValue = "1",
            description = "How long each load is measured, 0.1 to 600 (default: ${DEFAULT-VALUE}).")
    private double seconds;

    @Option(
            names = "--scheduling",
            paramLabel = "RUNG",
            defaultValue = "deadline",
            description = "Of the workers: deadline, fifo or other (default: ${DEFAULT-VALUE}).")
    private String scheduling = "";

    @Mixin
    private final BenchmarkOutput output = new BenchmarkOutput();

    @Override
    public Integer call() throws Exception {
        output.requireRange("--rounds", rounds, 1, 1000);
        output.require("--seconds", seconds, seconds >= 0.1 && seconds <= 600, "0.1 to 600");
        output.require(
                "--scheduling",
                scheduling,
                List.of("deadline", "fifo", "other").contains(scheduling),
                "deadline, fifo or other");
        output.require(
                "--vms",
                vms,
                vms.stream().allMatch(Lan::isPossible)
                        && vms.equals(vms.stream().sorted().distinct().toList()),
                "different even numbers from 2 to %d, in ascending order".formatted(Lan.MOST_VMS));
        int switchCpu = OnlineCpus.last();
        if (switchCpu == 0) {
            return output.refused("this host has one CPU; the benchmark needs two, for the switch and for the load");
        }
        ScaleResult result;
        try (Cleanup cleanup = output.cleanup()) {
            result = measure(new ScaleTrial.Options(0, switchCpu, seconds, scheduling), cleanup);
        } catch (PeerException refusal) {
            return output.refused(String.valueOf(refusal.getMessage()));
        }
        return output.publish(ScaleReport.TITLE, ScaleReport.of(result), result);
    }

    private ScaleResult measure(ScaleTrial.Options options, Cleanup cleanup) throws Exception {
        BitSet dataplane = new BitSet();
        dataplane.set(options.switchCpu());
        // The processes started from here inherit it.
        HousekeepingAffinity.excludeCpus(dataplane);
        Path folder = cleanup.open(PrivateFolder::create).path();
        Instant startedAt = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        List<Rounds.Variant<Round>> trials = new ArrayList<>();
        for (int count : vms) {
            ScaleTrial trial = new ScaleTrial(new Lan(count), options, folder);
            trials.add(new Rounds.Variant<>(Integer.toString(count), trial::run));
        }
        Map<String, List<Round>> measured = Rounds.alternate(trials, rounds, this::tell);
        List<Size> sizes = new ArrayList<>();
        measured.forEach((count, all) -> sizes.add(new Size(Integer.parseInt(count), all)));
        return new ScaleResult(startedAt, HostIdentity.current(), scheduling, rounds, seconds, sizes);
    }

    private void tell(int number, String count, Round round) {
        boolean calm = round.flood().disturbances().isEmpty()
                && round.victim().disturbances().isEmpty();
        output.say("round %d, %s VMs: %s ns a frame under flood, %s ns with few; victim's p99 %s us%s"
                .formatted(
                        number,
                        count,
                        Numbers.plain(round.flood().workerNanosPerFrame(), 0),
                        Numbers.plain(round.trickle().workerNanosPerFrame(), 0),
                        Numbers.short3(round.victim().micros(99).value()),
                        calm ? "" : " (disturbed)"));
    }
}

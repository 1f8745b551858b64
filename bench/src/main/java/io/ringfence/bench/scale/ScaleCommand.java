package io.ringfence.bench.scale;

import io.ringfence.bench.peer.Conditions;
import io.ringfence.bench.report.Disturbances;
import io.ringfence.bench.report.Numbers;
import io.ringfence.bench.report.RingfenceBenchmark;
import io.ringfence.bench.report.Rounds;
import io.ringfence.bench.scale.ScaleResult.Round;
import io.ringfence.bench.scale.ScaleResult.Size;
import io.ringfence.dataplane.cost.HostIdentity;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import picocli.CommandLine.Command;
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
                    + " CPU, the load the first. Some twenty minutes as it stands. Needs root and two CPUs that nobody else"
                    + " uses.",
            "",
            "Targets that are missed are printed like those that are met, and do not change the exit code.",
            "",
            "Exit codes: 0 done; 1 failed; 2 bad command line; 3 this host cannot run it.",
            ""
        })
public final class ScaleCommand extends RingfenceBenchmark<ScaleResult> {
    @Option(
            names = "--vms",
            paramLabel = "LIST",
            split = ",",
            defaultValue = "2,4,8,16,32,64",
            description = "Numbers of VMs, even, 2 to 64, in ascending order (default: ${DEFAULT-VALUE}).")
    private List<Integer> vms = List.of();

    /** Rounds and seconds unless the user says otherwise. */
    public ScaleCommand() {
        super(ScaleReport.TITLE, ScaleReport::of, 5, 1);
    }

    @Override
    protected void check() {
        output().require(
                        "--vms",
                        vms,
                        vms.stream().allMatch(Lan::isPossible)
                                && vms.equals(vms.stream().sorted().distinct().toList()),
                        "different even numbers from 2 to %d, in ascending order".formatted(Lan.MOST_VMS));
    }

    @Override
    protected ScaleResult measure(Conditions conditions, int often) throws Exception {
        Instant startedAt = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        List<Size> sizes = Rounds.alternate(
                vms, often, count -> new ScaleTrial(new Lan(count), conditions).run(), this::tell, Size::new);
        return new ScaleResult(
                startedAt, HostIdentity.current(), conditions.rung(), often, conditions.seconds(), sizes);
    }

    private void tell(int number, int count, Round round) {
        output().say("round %d, %d VMs: %s ns a frame under flood, %s ns with few; victim's p99 %s us%s"
                .formatted(
                        number,
                        count,
                        Numbers.plain(round.flood().workerNanosPerFrame(), 0),
                        Numbers.plain(round.trickle().workerNanosPerFrame(), 0),
                        round.victim().microsText(99),
                        Disturbances.note(
                                round.flood().disturbances(), round.victim().disturbances())));
    }
}

package io.ringfence.bench.forwarding;

import io.ringfence.bench.forwarding.ForwardingResult.Cell;
import io.ringfence.bench.forwarding.ForwardingResult.Latency;
import io.ringfence.bench.forwarding.ForwardingResult.SystemResult;
import io.ringfence.bench.options.RoundsOption;
import io.ringfence.bench.options.SecondsOption;
import io.ringfence.bench.peer.Hugepages;
import io.ringfence.bench.peer.Peer;
import io.ringfence.bench.peer.Place;
import io.ringfence.bench.report.BenchmarkOutput;
import io.ringfence.bench.report.Disturbances;
import io.ringfence.bench.report.Numbers;
import io.ringfence.bench.report.Rounds;
import io.ringfence.bench.terminal.Cleanup;
import io.ringfence.bench.traffic.LargeFrame;
import io.ringfence.dataplane.cli.output.ExitCode;
import io.ringfence.dataplane.cost.HostIdentity;
import io.ringfence.scheduler.CpuLimit;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Frames per second between two guests, through Ringfence and its peers in turn. */
@Command(
        name = "forwarding",
        mixinStandardHelpOptions = true,
        header = "Measure how many frames two guests can exchange, through Ringfence and other switches in turn.",
        description = {
            "",
            "Load comes from the generator (embedded guests that check every frame; one and two directions, as much as the"
                    + " switch takes) and, but for frames of 64 KiB, from DPDK's testpmd (a closed loop). The switch has the last CPU, the load the"
                    + " first. The systems alternate, since a machine's speed drifts. What is held against the targets is the ratio of"
                    + " the medians over the rounds; the ratios within the rounds are printed too. Ringfence has its workers under SCHED_DEADLINE (ringfence),"
                    + " the same using what is left unused of the CPU (ringfence-reclaim), and under SCHED_OTHER (ringfence-other). Other switches are DPDK's vhost PMD (dpdk), Open vSwitch with DPDK (ovs)"
                    + " and the Linux bridge with TAP devices (bridge), where they are installed. With no switch, guests joined by a mere copy show what the load itself costs (floor). Needs root, DPDK and two"
                    + " CPUs that nobody else uses.",
            "",
            "Exit codes: 0 done; 1 failed; 2 bad command line; 3 this host cannot run it.",
            ""
        })
public final class ForwardingCommand implements Callable<Integer> {
    /** For testpmd as the load and the largest of the switches. */
    private static final int HUGE_MEBIBYTES = 1024;

    @Option(
            names = "--lengths",
            paramLabel = "BYTES",
            split = ",",
            defaultValue = "64,256,1518,tso",
            converter = FrameLength.class,
            description = "Frame lengths, 60 to 1518, and tso for TCP frames of 64 KiB between guests with offloads"
                    + " (default: ${DEFAULT-VALUE}).")
    private List<Integer> lengths = List.of();

    @Option(
            names = "--rings",
            paramLabel = "LAYOUT",
            description = "The guests' queues: split, packed or both (default: ${DEFAULT-VALUE}).")
    private String rings = "split";

    @Option(
            names = "--latency",
            description =
                    "Also measure latency one way: at 10 %% of the least that any system carried, the same rate for"
                            + " all, and at 10, 50 and 90 %% of what each carried itself. Takes about as long again.")
    private boolean latency;

    @Option(
            names = "--systems",
            paramLabel = "LIST",
            split = ",",
            description =
                    "Some of ringfence, ringfence-reclaim, ringfence-other, dpdk, ovs, bridge, floor (default: all).")
    private List<String> systems = List.of();

    @Mixin
    private final RoundsOption rounds = new RoundsOption(5);

    @Mixin
    private final SecondsOption seconds = new SecondsOption(3);

    @Mixin
    private final BenchmarkOutput output = new BenchmarkOutput();

    @Override
    public Integer call() throws Exception {
        output.require("--rings", rings, Rings.WORDS.contains(rings), "split, packed or both");
        lengths.stream()
                .filter(length -> length != LargeFrame.LENGTH_BYTES)
                .forEach(length -> output.requireRange("--lengths", length, 60, 1518));
        output.requireDifferent("--lengths", lengths);
        var options = new ForwardingTrial.Options(seconds.seconds(), lengths);
        int often = rounds.rounds();
        List<Contender> chosen = output.choose("--systems", systems, Contender.values(), Contender::word);
        List<String> missing = Peer.TESTPMD.missingPrograms();
        if (!missing.isEmpty()) {
            return output.refused("DPDK is missing (%s); install it: %s"
                    .formatted(String.join(", ", missing), Peer.TESTPMD.installCommand()));
        }
        Optional<ForwardingResult> measured =
                output.measure((place, cleanup) -> measure(options, chosen, often, place, cleanup));
        if (measured.isEmpty()) {
            return ExitCode.HOST_REFUSES;
        }
        ForwardingResult result = measured.get();
        if (result.systems().isEmpty()) {
            return output.refused(String.join("\n", result.skipped()));
        }
        return output.publish(ForwardingReport.TITLE, ForwardingReport.of(result), result);
    }

    private ForwardingResult measure(
            ForwardingTrial.Options options, List<Contender> chosen, int often, Place place, Cleanup cleanup)
            throws Exception {
        Place ground = place.withHugepages(cleanup.open(() -> Hugepages.ofAtLeast(HUGE_MEBIBYTES)));
        Instant startedAt = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        List<Candidate> candidates = new ArrayList<>();
        List<String> skipped = new ArrayList<>();
        for (Contender contender : chosen) {
            for (Rings layout : Rings.chosenBy(rings)) {
                var candidate = new Candidate(contender, layout);
                candidate
                        .obstacle()
                        .ifPresentOrElse(
                                reason -> skipped.add("%s: %s".formatted(candidate.title(), reason)),
                                () -> candidates.add(candidate));
            }
        }
        skipped.forEach(output::say);
        List<SystemResult> results = Rounds.alternate(
                candidates,
                often,
                new ForwardingTrial(options, ground)::run,
                this::tellCarried,
                (candidate, all) -> new SystemResult(candidate, all, List.of()));
        boolean measuresLatency = latency && !options.plainLengths().isEmpty();
        return new ForwardingResult(
                startedAt,
                HostIdentity.current(),
                often,
                options.seconds(),
                HalfOfCpu.of(CpuLimit.read(ground.switchCpu())).share(),
                measuresLatency ? withLatencies(results, new LatencyTrial(options, ground, results), often) : results,
                skipped);
    }

    /** In rounds of their own: only after the others is it known what is little for all systems. */
    private List<SystemResult> withLatencies(List<SystemResult> carried, LatencyTrial trial, int often)
            throws Exception {
        return Rounds.alternate(carried, often, trial::run, this::tellLatencies, SystemResult::withLatencies);
    }

    private void tellCarried(int round, Candidate candidate, List<Cell> cells) {
        StringBuilder line = new StringBuilder("round %d, %s, Mpps:".formatted(round, candidate.title()));
        for (Cell cell : cells) {
            line.append("  %d B %s %s%s"
                    .formatted(
                            cell.lengthBytes(),
                            cell.load().title(),
                            Numbers.plain(cell.framesPerSecond() / 1e6, 2),
                            Disturbances.note(cell.disturbances())));
        }
        output.say(line);
    }

    private void tellLatencies(int round, SystemResult system, List<Latency> latencies) {
        StringBuilder line = new StringBuilder("round %d, %s, p50 / p99 in us:".formatted(round, system.title()));
        for (Latency latency : latencies) {
            line.append("  %d B at %s/s %s / %s%s"
                    .formatted(
                            latency.lengthBytes(),
                            Numbers.plain(latency.perSecond(), 0),
                            latency.microsText(50),
                            latency.microsText(99),
                            Disturbances.note(latency.disturbances())));
        }
        output.say(line);
    }
}

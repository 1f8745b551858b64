package io.ringfence.bench.forwarding;

import io.ringfence.bench.forwarding.ForwardingResult.Cell;
import io.ringfence.bench.forwarding.ForwardingResult.Latency;
import io.ringfence.bench.forwarding.ForwardingResult.SystemResult;
import io.ringfence.bench.host.BenchmarkCpus;
import io.ringfence.bench.options.RoundsOption;
import io.ringfence.bench.options.SecondsOption;
import io.ringfence.bench.peer.Hugepages;
import io.ringfence.bench.peer.Peer;
import io.ringfence.bench.report.BenchmarkOutput;
import io.ringfence.bench.report.Numbers;
import io.ringfence.bench.report.Reading;
import io.ringfence.bench.report.Rounds;
import io.ringfence.bench.terminal.Cleanup;
import io.ringfence.bench.terminal.PrivateFolder;
import io.ringfence.bench.traffic.LargeFrame;
import io.ringfence.dataplane.cli.ExitCode;
import io.ringfence.dataplane.cost.HostIdentity;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
                    + " and the Linux bridge with TAP devices (bridge), where they are installed. Needs root, DPDK and two"
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
            description = "Some of ringfence, ringfence-reclaim, ringfence-other, dpdk, ovs, bridge (default: all).")
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
        var options = new ForwardingTrial.Options(seconds.seconds(), lengths);
        int often = rounds.rounds();
        List<Contender> chosen = output.choose("--systems", systems, Contender.values(), Contender::word);
        List<String> missing = Peer.TESTPMD.missingPrograms();
        if (!missing.isEmpty()) {
            return output.refused("DPDK is missing (%s); install it: %s"
                    .formatted(String.join(", ", missing), Peer.TESTPMD.installCommand()));
        }
        Optional<ForwardingResult> measured =
                output.measure((cpus, cleanup) -> measure(options, chosen, often, cpus, cleanup));
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
            ForwardingTrial.Options options, List<Contender> chosen, int often, BenchmarkCpus cpus, Cleanup cleanup)
            throws Exception {
        Hugepages memory = cleanup.open(() -> Hugepages.ofAtLeast(HUGE_MEBIBYTES));
        PrivateFolder folder = cleanup.open(PrivateFolder::create);
        Instant startedAt = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        var place = new Contender.Place(folder.path(), cpus.dataplane(), cpus.load(), memory);
        var trial = new ForwardingTrial(options, place);
        Map<String, Candidate> candidates = new LinkedHashMap<>();
        List<String> skipped = new ArrayList<>();
        for (Contender contender : chosen) {
            for (Rings layout : Rings.chosenBy(rings)) {
                var candidate = new Candidate(contender, layout);
                candidate
                        .obstacle()
                        .ifPresentOrElse(
                                reason -> skipped.add("%s: %s".formatted(candidate.title(), reason)),
                                () -> candidates.put(candidate.title(), candidate));
            }
        }
        List<Rounds.Variant<List<Cell>>> variants = candidates.entrySet().stream()
                .map(one -> new Rounds.Variant<>(one.getKey(), () -> trial.run(one.getValue())))
                .toList();
        skipped.forEach(output::say);
        Map<String, List<List<Cell>>> measured = Rounds.alternate(variants, often, this::tellCarried);
        List<SystemResult> results = new ArrayList<>();
        candidates.forEach((title, candidate) ->
                results.add(new SystemResult(candidate, measured.getOrDefault(title, List.of()), List.of())));
        boolean measuresLatency = latency && !options.plainLengths().isEmpty();
        return new ForwardingResult(
                startedAt,
                HostIdentity.current(),
                often,
                options.seconds(),
                measuresLatency ? withLatencies(results, new LatencyTrial(options, place, results), often) : results,
                skipped);
    }

    /** In rounds of their own: only after the others is it known what is little for all systems. */
    private List<SystemResult> withLatencies(List<SystemResult> carried, LatencyTrial trial, int often)
            throws Exception {
        List<Rounds.Variant<List<Latency>>> variants = carried.stream()
                .map(system -> new Rounds.Variant<>(system.title(), () -> trial.run(system)))
                .toList();
        Map<String, List<List<Latency>>> measured = Rounds.alternate(variants, often, this::tellLatencies);
        return carried.stream()
                .map(system -> system.withLatencies(measured.getOrDefault(system.title(), List.of())))
                .toList();
    }

    private void tellCarried(int round, String title, List<Cell> cells) {
        StringBuilder line = new StringBuilder("round %d, %s, Mpps:".formatted(round, title));
        for (Cell cell : cells) {
            line.append("  %d B %s %s%s"
                    .formatted(
                            cell.lengthBytes(),
                            cell.load().title(),
                            Numbers.plain(cell.framesPerSecond() / 1e6, 2),
                            cell.disturbances().isEmpty() ? "" : " (disturbed)"));
        }
        output.say(line);
    }

    private void tellLatencies(int round, String title, List<Latency> latencies) {
        StringBuilder line = new StringBuilder("round %d, %s, p50 / p99 in us:".formatted(round, title));
        for (Latency latency : latencies) {
            line.append("  %d B at %s/s %s / %s%s"
                    .formatted(
                            latency.lengthBytes(),
                            Numbers.plain(latency.perSecond(), 0),
                            micros(latency.percentile(50)),
                            micros(latency.percentile(99)),
                            latency.disturbances().isEmpty() ? "" : " (disturbed)"));
        }
        output.say(line);
    }

    private static String micros(Optional<Reading> latency) {
        return latency.map(reading -> Numbers.short3(reading.value())).orElse("–");
    }
}

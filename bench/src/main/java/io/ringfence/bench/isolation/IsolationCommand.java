package io.ringfence.bench.isolation;

import io.ringfence.bench.isolation.IsolationResult.Round;
import io.ringfence.bench.isolation.IsolationResult.VariantResult;
import io.ringfence.bench.options.Requirement;
import io.ringfence.bench.options.RoundsOption;
import io.ringfence.bench.options.SecondsOption;
import io.ringfence.bench.peer.Hugepages;
import io.ringfence.bench.peer.Place;
import io.ringfence.bench.report.BenchmarkOutput;
import io.ringfence.bench.report.Disturbances;
import io.ringfence.bench.report.Rounds;
import io.ringfence.bench.terminal.Cleanup;
import io.ringfence.dataplane.cli.output.ExitCode;
import io.ringfence.dataplane.cost.HostIdentity;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What a neighbour on the same CPU costs a VM, by how the workers are scheduled. */
@Command(
        name = "isolation",
        mixinStandardHelpOptions = true,
        header = "Measure what a noisy neighbour costs a VM's latency, by how the workers are scheduled.",
        description = {
            "",
            "A victim VM sends at a fixed rate, alone and beside each aggressor, through Ringfence with its workers under"
                    + " SCHED_DEADLINE (deadline), SCHED_OTHER (other), SCHED_OTHER and token buckets on the aggressors"
                    + " (shaper), and SCHED_FIFO (fifo), on a CPU that may sleep (sleeping), using what others leave (reclaim), without metering (unmetered)"
                    + " and on one polling thread (shared), and through other switches where they are installed: Open vSwitch with DPDK (ovs), the same with"
                    + " policers on the aggressors' ports (ovs-policed), pairs of ports of DPDK's vhost PMD (dpdk), and the"
                    + " Linux bridge with TAP devices (bridge), all in turn. The switch has the last CPU, the load the first. Some 45 minutes with all of them. Needs"
                    + " root and two CPUs that nobody else uses; what this host refuses or lacks is left out, and the"
                    + " report says so.",
            "",
            "Targets that are missed are printed like those that are met, and do not change the exit code.",
            "",
            "Exit codes: 0 done; 1 failed; 2 bad command line; 3 this host cannot run any of it.",
            ""
        })
public final class IsolationCommand implements Callable<Integer> {
    /** For the largest of the peers, which run one after the other. */
    private static final int HUGE_MEBIBYTES = 1024;

    private static final int LEAST_RATE = 100;
    private static final int MOST_RATE = 1_000_000;

    @Option(
            names = "--aggressors",
            paramLabel = "LIST",
            split = ",",
            description =
                    "Some of none, flood-64, flood-64x2, flood-64x4, flood-64x8, flood-1514, tso, tso-cut, dear, both, aimed, odd, withhold, kicks, reattach, remap, hogs, garbage (default: all).")
    private List<String> aggressors = List.of();

    @Option(
            names = "--variants",
            paramLabel = "LIST",
            split = ",",
            description =
                    "Some of deadline, sleeping, reclaim, unmetered, shared, other, shaper, fifo, ovs, ovs-policed, dpdk, bridge"
                            + " (default: all).")
    private List<String> variants = List.of();

    @Mixin
    private final RoundsOption rounds = new RoundsOption(2);

    @Mixin
    private final SecondsOption seconds = new SecondsOption(0.5);

    @Option(
            names = "--rate",
            paramLabel = "FRAMES",
            description =
                    "How many frames the victim sends a second, " + LEAST_RATE + " to " + MOST_RATE
                            + " (default: ${DEFAULT-VALUE}). Fewer leave more runs calm where a kick takes the load generator long.")
    private int framesPerSecond = 20_000;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Mixin
    private final BenchmarkOutput output = new BenchmarkOutput();

    @Override
    public Integer call() throws Exception {
        Requirement.require(
                spec,
                "--rate",
                framesPerSecond,
                framesPerSecond >= LEAST_RATE && framesPerSecond <= MOST_RATE,
                LEAST_RATE + " to " + MOST_RATE);
        var options = new IsolationTrial.Options(
                new IsolationTrial.Run(seconds.seconds(), framesPerSecond),
                output.choose("--aggressors", aggressors, Aggressor.values(), Aggressor::word));
        List<Variant> chosen = output.choose("--variants", variants, Variant.values(), Variant::word);
        int often = rounds.rounds();
        Optional<IsolationResult> measured =
                output.measure((place, cleanup) -> measure(options, chosen, often, place, cleanup));
        if (measured.isEmpty()) {
            return ExitCode.HOST_REFUSES;
        }
        IsolationResult result = measured.get();
        if (result.variants().stream().allMatch(variant -> isEmpty(variant.rounds()))) {
            return output.refused(String.join(
                    "\n",
                    result.variants().stream()
                            .flatMap(variant -> variant.failures().stream())
                            .distinct()
                            .toList()));
        }
        return output.publish(IsolationReport.TITLE, IsolationReport.of(result), result);
    }

    private static boolean isEmpty(List<Round> rounds) {
        return rounds.stream().allMatch(round -> round.pairs().isEmpty());
    }

    private IsolationResult measure(
            IsolationTrial.Options options, List<Variant> chosen, int often, Place place, Cleanup cleanup)
            throws Exception {
        boolean needsHugepages = chosen.stream()
                .anyMatch(variant ->
                        variant.launch().needsHugepages() && variant.obstacle().isEmpty());
        Place ground =
                needsHugepages ? place.withHugepages(cleanup.open(() -> Hugepages.ofAtLeast(HUGE_MEBIBYTES))) : place;
        Instant startedAt = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        List<VariantResult> results = Rounds.alternate(
                chosen,
                often,
                variant -> new IsolationTrial(variant, options, ground).run(),
                this::tell,
                VariantResult::new);
        return new IsolationResult(
                startedAt,
                HostIdentity.current(),
                often,
                options.run().seconds(),
                options.run().framesPerSecond(),
                results);
    }

    private void tell(int number, Variant variant, Round round) {
        StringBuilder line =
                new StringBuilder("round %d, %s, p99 in us alone and beside:".formatted(number, variant.word()));
        for (IsolationResult.Pair pair : round.pairs()) {
            line.append("  %s %s → %s%s"
                    .formatted(
                            pair.aggressor().word(),
                            pair.without().microsText(99),
                            pair.with().microsText(99),
                            Disturbances.note(
                                    pair.without().disturbances(), pair.with().disturbances())));
        }
        output.say(round.failure().isEmpty() ? line : line + "  " + round.failure());
    }
}

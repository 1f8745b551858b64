package io.ringfence.bench.isolation;

import io.ringfence.bench.host.OnlineCpus;
import io.ringfence.bench.isolation.IsolationResult.Round;
import io.ringfence.bench.isolation.IsolationResult.VariantResult;
import io.ringfence.bench.report.Block;
import io.ringfence.bench.report.HtmlReport;
import io.ringfence.bench.report.Numbers;
import io.ringfence.bench.report.ResultFile;
import io.ringfence.bench.report.Rounds;
import io.ringfence.bench.report.TextReport;
import io.ringfence.bench.terminal.Cleanup;
import io.ringfence.bench.terminal.PrivateFolder;
import io.ringfence.dataplane.cli.ExitCode;
import io.ringfence.dataplane.cost.HostIdentity;
import io.ringfence.scheduler.HousekeepingAffinity;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
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
                    + " (shaper), and SCHED_FIFO (fifo), without metering (unmetered) and on one polling thread (shared), in turn. The switch has the last CPU, the load the first. Some eight"
                    + " minutes as it stands. Needs root and two CPUs that nobody else uses; what this host refuses is"
                    + " left out, and the report says so.",
            "",
            "Targets that are missed are printed like those that are met, and do not change the exit code.",
            "",
            "Exit codes: 0 done; 1 failed; 2 bad command line; 3 this host cannot run any of it.",
            ""
        })
public final class IsolationCommand implements Callable<Integer> {
    private static final double MICRO_NANOS = 1e3;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "2",
            description =
                    "How often each variant is started and measured, twice each time, 1 to 1000 (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Option(
            names = "--seconds",
            paramLabel = "SECONDS",
            defaultValue = "0.5",
            description = "How long the victim is measured alone, and as long beside each aggressor, 0.1 to 600"
                    + " (default: ${DEFAULT-VALUE}).")
    private double seconds;

    @Option(
            names = "--aggressors",
            paramLabel = "LIST",
            split = ",",
            description =
                    "Some of none, flood-64, flood-1514, dear, aimed, withhold, kicks, reattach, remap (default: all).")
    private List<String> aggressors = List.of();

    @Option(
            names = "--variants",
            paramLabel = "LIST",
            split = ",",
            description = "Some of deadline, other, shaper, fifo, unmetered, shared (default: all).")
    private List<String> variants = List.of();

    @Option(names = "--json", paramLabel = "FILE", description = "Write all results there as JSON.")
    private @Nullable Path json;

    @Option(names = "--html", paramLabel = "FILE", description = "Write the report there as one HTML page.")
    private @Nullable Path html;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        require("--rounds", rounds, rounds >= 1 && rounds <= 1000, "1 to 1000");
        require("--seconds", seconds, seconds >= 0.1 && seconds <= 600, "0.1 to 600");
        List<Aggressor> chosenAggressors = choose("--aggressors", aggressors, Aggressor.values(), Aggressor::word);
        List<Variant> chosenVariants = choose("--variants", variants, Variant.values(), Variant::word);
        PrintWriter out = spec.commandLine().getOut();
        int switchCpu = OnlineCpus.last();
        if (switchCpu == 0) {
            return refused("this host has one CPU; the benchmark needs two, for the switch and for the load");
        }
        IsolationResult result;
        try (Cleanup cleanup = Cleanup.alsoOnExit(() -> stopped(out))) {
            var options = new IsolationTrial.Options(0, switchCpu, seconds, chosenAggressors);
            result = measure(options, chosenVariants, cleanup, out);
        }
        if (result.variants().stream().allMatch(variant -> isEmpty(variant.rounds()))) {
            return refused(String.join(
                    "\n",
                    result.variants().stream()
                            .flatMap(variant -> variant.failures().stream())
                            .distinct()
                            .toList()));
        }
        List<Block> report = IsolationReport.of(result);
        out.print(TextReport.of(report));
        if (json != null) {
            ResultFile.write(json, result);
        }
        if (html != null) {
            HtmlReport.write(html, IsolationReport.TITLE, report);
            out.println("Report: " + html);
        }
        return ExitCode.DONE;
    }

    private int refused(String reason) {
        spec.commandLine().getErr().println("ringfence: " + reason);
        return ExitCode.HOST_REFUSES;
    }

    private static boolean isEmpty(List<Round> rounds) {
        return rounds.stream().allMatch(round -> round.pairs().isEmpty());
    }

    private IsolationResult measure(
            IsolationTrial.Options options, List<Variant> chosen, Cleanup cleanup, PrintWriter out) throws Exception {
        BitSet dataplane = new BitSet();
        dataplane.set(options.switchCpu());
        // The processes started from here inherit it.
        HousekeepingAffinity.excludeCpus(dataplane);
        Path folder = cleanup.open(PrivateFolder::create).path();
        Instant startedAt = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        List<Rounds.Variant<Round>> trials = new ArrayList<>();
        for (Variant variant : chosen) {
            IsolationTrial trial = new IsolationTrial(variant, options, folder);
            trials.add(new Rounds.Variant<>(variant.name(), trial::run));
        }
        Map<String, List<Round>> measured =
                Rounds.alternate(trials, rounds, (round, name, result) -> tell(out, round, name, result));
        List<VariantResult> results = new ArrayList<>();
        measured.forEach((name, all) -> results.add(new VariantResult(Variant.valueOf(name), all)));
        return new IsolationResult(startedAt, HostIdentity.current(), rounds, seconds, results);
    }

    private static void tell(PrintWriter out, int number, String name, Round round) {
        StringBuilder line = new StringBuilder("round %d, %s, p99 in us alone and beside:"
                .formatted(number, Variant.valueOf(name).word()));
        for (IsolationResult.Pair pair : round.pairs()) {
            boolean calm = pair.without().disturbances().isEmpty()
                    && pair.with().disturbances().isEmpty();
            line.append("  %s %s → %s%s"
                    .formatted(
                            pair.aggressor().word(),
                            Numbers.short3(pair.without().percentile(99) / MICRO_NANOS),
                            Numbers.short3(pair.with().percentile(99) / MICRO_NANOS),
                            calm ? "" : " (disturbed)"));
        }
        out.println(round.failure().isEmpty() ? line : line + "  " + round.failure());
        out.flush();
    }

    private static void stopped(PrintWriter out) {
        out.println("Stopped; nothing was written.");
        out.flush();
    }

    private <T> List<T> choose(String option, List<String> words, T[] all, Function<T, String> word) {
        List<String> known = Arrays.stream(all).map(word).toList();
        for (String wanted : words) {
            require(option, wanted, known.contains(wanted), "some of " + String.join(", ", known));
        }
        return Arrays.stream(all)
                .filter(one -> words.isEmpty() || words.contains(word.apply(one)))
                .toList();
    }

    private void require(String option, Object value, boolean valid, String expected) {
        if (!valid) {
            throw new ParameterException(spec.commandLine(), "%s %s: expected %s".formatted(option, value, expected));
        }
    }
}

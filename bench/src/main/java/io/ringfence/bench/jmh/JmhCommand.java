package io.ringfence.bench.jmh;

import io.ringfence.bench.jmh.JmhResult.Score;
import io.ringfence.bench.report.BenchmarkOutput;
import io.ringfence.bench.traffic.TrafficJson;
import io.ringfence.dataplane.cost.HostIdentity;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.BenchmarkListEntry;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.core.JacksonException;

/** The hot pieces of the packet path, each by itself, beside a baseline. */
@Command(
        name = "jmh",
        mixinStandardHelpOptions = true,
        header = "Measure the hot pieces of the packet path by themselves, and compare with a stored baseline.",
        description = {
            "",
            "Rings, address translation, MAC table, handoff, headers, and a whole visit, by JMH: forked JVMs with the options"
                    + " of the switch. The comparison is with the baseline that comes with Ringfence, or another; one that was"
                    + " measured with another CPU, JVM or other JVM options is not compared. Some one and a half minutes. Needs no"
                    + " rights, but a host that is otherwise idle.",
            "",
            "Exit codes: 0 done, whatever the comparison says; 1 failed; 2 bad command line.",
            ""
        })
public final class JmhCommand implements Callable<Integer> {
    private static final int ITERATIONS = 5;
    private static final String STORED = "baseline.json";

    @Parameters(
            arity = "0..1",
            paramLabel = "PATTERN",
            defaultValue = "",
            description = "Only the benchmarks in whose names this regular expression is found (default: all).")
    private String pattern = "";

    @Option(
            names = "--baseline",
            paramLabel = "FILE",
            description = "Compare with what an earlier run wrote there with --json (default: the baseline that comes"
                    + " with Ringfence).")
    private @Nullable Path baseline;

    @Option(
            names = "--forks",
            paramLabel = "N",
            defaultValue = "3",
            description = "JVMs in which each benchmark runs, 1 to 100 (default: ${DEFAULT-VALUE}).")
    private int forks;

    @Option(
            names = "--millis",
            paramLabel = "N",
            defaultValue = "150",
            description = "Length of each of the five iterations in a JVM, after as many that do not count, 10 to 60000"
                    + " (default: ${DEFAULT-VALUE}).")
    private int millis;

    @Mixin
    private final BenchmarkOutput output = new BenchmarkOutput();

    @Override
    public Integer call() throws IOException, RunnerException {
        output.requireRange("--forks", forks, 1, 100);
        output.requireRange("--millis", millis, 10, 60_000);
        output.require("PATTERN", pattern, isPattern(pattern), "a regular expression");
        List<String> chosen = chosen();
        output.require("PATTERN", pattern, !chosen.isEmpty(), "one that is found in the name of a benchmark");
        JmhResult before = readBaseline();
        JmhResult result = measure(chosen);
        return output.publish(JmhReport.TITLE, JmhReport.of(result, before), result);
    }

    /** The names by which JMH knows those whose shown names match. */
    private List<String> chosen() {
        Pattern wanted = Pattern.compile(pattern);
        return BenchmarkList.defaultList().getAll(new ProgressLines(line -> {}), List.of()).stream()
                .map(BenchmarkListEntry::getUsername)
                .filter(name -> wanted.matcher(ProgressLines.shortName(name)).find())
                .toList();
    }

    private static boolean isPattern(String text) {
        try {
            Pattern.compile(text);
            return true;
        } catch (PatternSyntaxException e) {
            return false;
        }
    }

    private JmhResult readBaseline() throws IOException {
        Path file = baseline;
        if (file == null) {
            try (InputStream stored = JmhCommand.class.getResourceAsStream(STORED)) {
                byte[] bytes = Objects.requireNonNull(stored, STORED).readAllBytes();
                return TrafficJson.MAPPER.readValue(new String(bytes, StandardCharsets.UTF_8), JmhResult.class);
            }
        }
        output.require("--baseline", file, Files.isReadable(file), "a file that can be read");
        try {
            return TrafficJson.MAPPER.readValue(Files.readString(file), JmhResult.class);
        } catch (JacksonException e) {
            output.require("--baseline", file, false, "what `bench jmh --json` wrote: " + e.getOriginalMessage());
            throw e;
        }
    }

    private JmhResult measure(List<String> benchmarks) throws RunnerException {
        Instant startedAt = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        TimeValue iteration = TimeValue.milliseconds(millis);
        ChainedOptionsBuilder builder = new OptionsBuilder();
        benchmarks.forEach(name -> builder.include("^" + Pattern.quote(name) + "$"));
        Options options = builder.forks(forks)
                .warmupForks(0)
                .warmupIterations(ITERATIONS)
                .warmupTime(iteration)
                .measurementIterations(ITERATIONS)
                .measurementTime(iteration)
                .threads(1)
                .shouldFailOnError(true)
                .build();
        ProgressLines progress = new ProgressLines(output::say);
        List<Score> scores = new ArrayList<>();
        try {
            for (RunResult run : new Runner(options, progress).run()) {
                scores.add(ProgressLines.score(run.getParams().getBenchmark(), run.getPrimaryResult()));
            }
        } catch (RunnerException failure) {
            throw new RunnerException(failure.getMessage() + "\n" + progress.lastLines(), failure);
        }
        return new JmhResult(startedAt, HostIdentity.current(), forks, millis, scores);
    }
}

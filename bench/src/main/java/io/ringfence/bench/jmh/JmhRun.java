package io.ringfence.bench.jmh;

import io.ringfence.bench.jmh.JmhResult.Score;
import io.ringfence.bench.options.Requirement;
import io.ringfence.dataplane.cost.HostIdentity;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.BenchmarkListEntry;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** How JMH runs benchmarks: {@code --forks} and {@code --millis}. A mixin of picocli. */
final class JmhRun {
    private static final int ITERATIONS = 5;
    /** Not for a test, which looks at no figure: it would wait for dozens of JVMs. */
    private static final boolean FORKED = !Boolean.getBoolean("ringfence.bench.jmh.unforked");

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

    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    /** Requires numbers that make sense. */
    void check() {
        Requirement.require(spec, "--forks", forks, forks >= 1 && forks <= 100, "1 to 100");
        Requirement.require(spec, "--millis", millis, millis >= 10 && millis <= 60_000, "10 to 60000");
    }

    /** The names by which JMH knows those whose shown names match. */
    static List<String> matching(Pattern wanted) {
        return BenchmarkList.defaultList().getAll(new ProgressLines(line -> {}), List.of()).stream()
                .map(BenchmarkListEntry::getUsername)
                .filter(name -> wanted.matcher(ProgressLines.shortName(name)).find())
                .toList();
    }

    /**
     * Runs them.
     *
     * @param progress takes a line for each that is over
     */
    JmhResult measure(List<String> benchmarks, Consumer<String> progress) throws RunnerException {
        Instant startedAt = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        TimeValue iteration = TimeValue.milliseconds(millis);
        ChainedOptionsBuilder builder = new OptionsBuilder();
        benchmarks.forEach(name -> builder.include("^" + Pattern.quote(name) + "$"));
        builder.forks(FORKED ? forks : 0)
                .warmupForks(0)
                .warmupIterations(ITERATIONS)
                .warmupTime(iteration)
                .measurementIterations(ITERATIONS)
                .measurementTime(iteration)
                .threads(1)
                .shouldFailOnError(true);
        ProgressLines lines = new ProgressLines(progress);
        List<Score> scores = new ArrayList<>();
        try {
            for (RunResult run : new Runner(builder.build(), lines).run()) {
                scores.add(ProgressLines.score(run.getParams().getBenchmark(), run.getPrimaryResult()));
            }
        } catch (RunnerException failure) {
            throw new RunnerException(failure.getMessage() + "\n" + lines.lastLines(), failure);
        }
        return new JmhResult(startedAt, HostIdentity.current(), forks, millis, scores);
    }
}

package io.ringfence.bench.jmh;

import io.ringfence.bench.jmh.JmhResult.Score;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.format.OutputFormat;

/** Says of each benchmark what came out as soon as it is over, in a line, in place of the pages that JMH prints. */
final class ProgressLines implements OutputFormat {
    private static final String PACKAGE = "io.ringfence.bench.micro.";

    private static final int KEPT_LINES = 40;

    private final Consumer<String> lines;
    private final Deque<String> kept = new ArrayDeque<>();

    ProgressLines(Consumer<String> lines) {
        this.lines = lines;
    }

    /** The name of a benchmark as reports show it: {@code MacTable.known}. */
    static String shortName(String benchmark) {
        return benchmark.replace(PACKAGE, "").replace("Benchmark.", ".");
    }

    /** What came out. */
    static Score score(String benchmark, Result<?> result) {
        return new Score(shortName(benchmark), result.getScore(), result.getScoreError());
    }

    @Override
    public void endBenchmark(@Nullable BenchmarkResult result) {
        if (result != null) {
            Score score = score(result.getParams().getBenchmark(), result.getPrimaryResult());
            lines.accept("%s: %s ns".formatted(score.benchmark(), JmhReport.text(score)));
        }
    }

    @Override
    public void iteration(BenchmarkParams benchmark, IterationParams parameters, int iteration) {}

    @Override
    public void iterationResult(
            BenchmarkParams benchmark, IterationParams parameters, int iteration, IterationResult data) {}

    @Override
    public void startBenchmark(BenchmarkParams benchmark) {}

    @Override
    public void startRun() {}

    @Override
    public void endRun(Collection<RunResult> result) {}

    @Override
    public void print(String text) {}

    @Override
    public void println(String line) {
        kept.add(line);
        if (kept.size() > KEPT_LINES) {
            kept.remove();
        }
    }

    /** The last lines that JMH would have printed: among them what went wrong. */
    String lastLines() {
        return String.join("\n", kept).strip();
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}

    @Override
    public void verbosePrintln(String line) {}

    @Override
    public void write(int character) {}

    @Override
    public void write(byte[] bytes) {}
}

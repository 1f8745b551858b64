package io.ringfence.bench.demo;

import io.ringfence.bench.demo.Outcome.Phase;
import io.ringfence.bench.traffic.Latencies;
import java.util.List;

/** How figures are laid out, in no more than 78 columns. */
final class Table {
    private static final String ROW = "  %-9s %8s %8s %8s %8s %11s";

    private final LatencyBars bars;

    Table(LatencyBars bars) {
        this.bars = bars;
    }

    /** Two lines that name the columns. */
    static List<String> heading() {
        return List.of(
                ROW.formatted("", "victim's", "its", "latency", "", "neighbours'"),
                ROW.formatted("", "frames/s", "p50", "p99", "worst", "frames/s"));
    }

    /** What is now. */
    String now(Sample sample) {
        return row("now", sample);
    }

    /** A sample where lines follow each other: with a bar. */
    String line(Sample sample) {
        return (row("%.1f s".formatted(sample.untilSeconds()), sample) + "  " + bars.row(sample)).stripTrailing();
    }

    /** A whole phase. */
    String line(Phase phase) {
        return row(phase.noisy() ? "beside" : "alone", phase.whole());
    }

    /** Latency over time. */
    String columns(List<Sample> samples) {
        return "  over time  " + bars.columns(samples);
    }

    private static String row(String label, Sample sample) {
        return ROW.formatted(
                label,
                Quantity.count(sample.framesPerSecond()),
                Quantity.time(sample.latencies(), Latencies::p50Nanos),
                Quantity.time(sample.latencies(), Latencies::p99Nanos),
                Quantity.time(sample.latencies(), Latencies::maxNanos),
                Quantity.count(sample.neighboursPerSecond()));
    }
}

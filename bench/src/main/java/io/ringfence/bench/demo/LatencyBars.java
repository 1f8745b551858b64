package io.ringfence.bench.demo;

import java.nio.charset.Charset;
import java.util.List;

/**
 * Latencies drawn with characters, on a linear scale that ends at a full bar: a column each, or a row.
 *
 * @param fullNanos what a full bar stands for; what is above it is drawn full, too
 * @param columns from the lowest to the highest
 */
record LatencyBars(long fullNanos, String columns, String row, String start) {
    private static final int ROW_WIDTH = 16;

    /** With block elements where the character set has them. */
    static LatencyBars in(Charset charset, long fullNanos) {
        return charset.newEncoder().canEncode("▁▂▃▄▅▆▇█│")
                ? new LatencyBars(fullNanos, "▁▂▃▄▅▆▇█", "█", "│")
                : new LatencyBars(fullNanos, "_.,-=+*#", "#", "|");
    }

    /** The p99 of each sample as a column, empty if there is none, with a line where the neighbours start. */
    String columns(List<Sample> samples) {
        StringBuilder text = new StringBuilder();
        boolean noisy = false;
        for (Sample sample : samples) {
            if (sample.noisy() && !noisy) {
                text.append(start);
            }
            noisy = sample.noisy();
            int level = level(sample, columns.length());
            text.append(sample.latencies().count() == 0 ? ' ' : columns.charAt(Math.max(0, level - 1)));
        }
        return text.toString();
    }

    /** The p99 of a sample as a row. */
    String row(Sample sample) {
        return row.repeat(level(sample, ROW_WIDTH));
    }

    private int level(Sample sample, int levels) {
        long p99 = sample.latencies().p99Nanos();
        return (int) Math.min(levels, Math.ceilDiv(p99 * levels, fullNanos));
    }

    /** Says what is drawn. */
    String legend() {
        return "p99 over time; full: %s or more".formatted(Quantity.time(fullNanos));
    }
}

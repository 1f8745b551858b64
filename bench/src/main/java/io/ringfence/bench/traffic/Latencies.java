package io.ringfence.bench.traffic;

import org.HdrHistogram.Histogram;

/**
 * Percentiles of latencies, each counted from its intended departure; all 0 if there were none.
 *
 * @param count how many
 */
public record Latencies(long count, long p50Nanos, long p90Nanos, long p99Nanos, long p999Nanos, long maxNanos) {
    /** Those of a histogram of nanoseconds. */
    public static Latencies of(Histogram histogram) {
        return new Latencies(
                histogram.getTotalCount(),
                histogram.getValueAtPercentile(50),
                histogram.getValueAtPercentile(90),
                histogram.getValueAtPercentile(99),
                histogram.getValueAtPercentile(99.9),
                histogram.getMaxValue());
    }
}

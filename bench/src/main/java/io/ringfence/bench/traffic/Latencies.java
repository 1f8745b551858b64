package io.ringfence.bench.traffic;

import org.HdrHistogram.Histogram;

/**
 * Percentiles of round trips, each measured from its intended departure; all 0 if there were none.
 *
 * @param count how many round trips
 */
public record Latencies(long count, long p50Nanos, long p99Nanos, long p999Nanos, long maxNanos) {
    static Latencies of(Histogram histogram) {
        return new Latencies(
                histogram.getTotalCount(),
                histogram.getValueAtPercentile(50),
                histogram.getValueAtPercentile(99),
                histogram.getValueAtPercentile(99.9),
                histogram.getMaxValue());
    }
}

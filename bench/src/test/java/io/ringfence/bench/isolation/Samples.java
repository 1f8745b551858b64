package io.ringfence.bench.isolation;

import io.ringfence.bench.isolation.IsolationResult.Measured;
import io.ringfence.bench.traffic.FlowCounts;
import java.util.List;
import org.HdrHistogram.Histogram;

/** Results made up for tests. */
final class Samples {
    private Samples() {}

    /** So many times this latency, and so on. */
    static Histogram latencies(long... countsAndNanos) {
        Histogram latencies = new Histogram(3);
        for (int i = 0; i < countsAndNanos.length; i += 2) {
            latencies.recordValueWithCount(countsAndNanos[i + 1], countsAndNanos[i]);
        }
        return latencies;
    }

    /** A run of a second. */
    static Measured run(long sent, long lost, Histogram latencies, String... disturbances) {
        FlowCounts counts = new FlowCounts(sent, 0, 0, sent - lost, 0, lost, 0, 0, 0);
        return new Measured(1, latencies, counts, 100_000, List.of(), List.of(disturbances));
    }
}

package io.ringfence.bench.isolation;

import io.ringfence.bench.isolation.IsolationResult.Measured;
import io.ringfence.bench.traffic.FlowCounts;
import io.ringfence.bench.traffic.Report.Slice;
import java.util.ArrayList;
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

    /** A run of 0.4 s in whose middle a flood starts; then latency is high for 30 ms, and then this. */
    static Onset onset(long beforeNanos, long afterNanos) {
        List<Slice> slices = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            long nanos = i < 20 ? beforeNanos : i < 23 ? 50_000 : afterNanos;
            slices.add(new Slice(i / 100.0, 200, (double) nanos, (double) nanos, nanos));
        }
        return new Onset(Aggressor.FLOOD_64, 0.2, slices, List.of());
    }

    /** A run of a second, from which all that was not lost arrived in time. */
    static Measured run(long sent, long lost, Histogram latencies, String... disturbances) {
        FlowCounts counts = new FlowCounts(sent, 0, 0, sent - lost, sent - lost, 0, lost, 0, 0, 0);
        return run(counts, latencies, disturbances);
    }

    /** A run of a second from which nothing was lost, but so many frames arrived after its end. */
    static Measured runWithLateFrames(long sent, long late, Histogram latencies) {
        return run(new FlowCounts(sent, 0, 0, sent, sent - late, 0, 0, 0, 0, 0), latencies);
    }

    private static Measured run(FlowCounts counts, Histogram latencies, String... disturbances) {
        return new Measured(1, latencies, counts, 100_000, List.of(), List.of(disturbances));
    }
}

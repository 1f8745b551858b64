package io.ringfence.bench.traffic;

import io.ringfence.bench.traffic.Report.Slice;
import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.IntCountsHistogram;

/**
 * Latencies by the time of their intended departure, in slices of a run, to within 6 %.
 *
 * <p>One thread at a time. Allocates nothing after its creation.
 */
final class Timeline {
    private final long sliceNanos;
    private final IntCountsHistogram[] slices;

    /** @param wantedSliceNanos of each slice; longer where that would make too many */
    Timeline(long durationNanos, long wantedSliceNanos) {
        sliceNanos = Math.max(wantedSliceNanos, Math.ceilDiv(durationNanos, RunPlan.MOST_SLICES));
        slices = new IntCountsHistogram[(int) Math.ceilDiv(durationNanos, sliceNanos)];
        for (int i = 0; i < slices.length; i++) {
            slices[i] = new IntCountsHistogram(Flow.MAX_LATENCY_NANOS, 1);
        }
    }

    /** Records a latency; departures outside of the run are left out. */
    void record(long departureNanos, long latencyNanos) {
        long slice = departureNanos / sliceNanos;
        if (departureNanos >= 0 && slice < slices.length) {
            slices[(int) slice].recordValue(latencyNanos);
        }
    }

    /** The slices in which anything was recorded. */
    List<Slice> slices() {
        List<Slice> list = new ArrayList<>();
        for (int i = 0; i < slices.length; i++) {
            IntCountsHistogram slice = slices[i];
            if (slice.getTotalCount() > 0) {
                list.add(new Slice(
                        i * sliceNanos / 1e9,
                        slice.getTotalCount(),
                        slice.getValueAtPercentile(50),
                        slice.getValueAtPercentile(99),
                        slice.getMaxValue()));
            }
        }
        return list;
    }
}

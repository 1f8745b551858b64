package io.ringfence.bench.traffic;

import io.ringfence.bench.traffic.Report.Slice;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import org.HdrHistogram.IntCountsHistogram;

/**
 * Latencies by the time of their intended departure, in slices of a run, to within 6 %.
 *
 * <p>One thread at a time. Allocates nothing after its creation.
 */
final class Timeline {
    private final long durationNanos;
    private final long sliceNanos;
    private final int perSecond;
    private final IntCountsHistogram[] slices;
    private final int[] arrived;

    /**
     * For one run.
     *
     * @param wantedSliceNanos of each slice; longer where that would make too many
     * @param perSecond how many frames are due, evenly from the beginning on; 0 if that is not known, and only those that
     *     arrive count
     */
    Timeline(long durationNanos, long wantedSliceNanos, int perSecond) {
        this.durationNanos = durationNanos;
        this.perSecond = perSecond;
        sliceNanos = Math.max(wantedSliceNanos, Math.ceilDiv(durationNanos, RunPlan.MOST_SLICES));
        slices = new IntCountsHistogram[(int) Math.ceilDiv(durationNanos, sliceNanos)];
        arrived = new int[slices.length];
        for (int i = 0; i < slices.length; i++) {
            slices[i] = new IntCountsHistogram(Flow.MAX_LATENCY_NANOS, 1);
        }
    }

    /** A frame arrived, measured or not; departures outside of the run are left out. */
    void arrived(long departureNanos) {
        int slice = slice(departureNanos);
        if (slice >= 0) {
            arrived[slice]++;
        }
    }

    /** Records the latency of one that arrived. */
    void record(long departureNanos, long latencyNanos) {
        int slice = slice(departureNanos);
        if (slice >= 0) {
            slices[slice].recordValue(latencyNanos);
        }
    }

    private int slice(long departureNanos) {
        long slice = departureNanos / sliceNanos;
        return departureNanos >= 0 && slice < slices.length ? (int) slice : -1;
    }

    /** Those of which something is known: not where no latency is left of frames that arrived. */
    List<Slice> slices() {
        List<Slice> list = new ArrayList<>();
        for (int i = 0; i < slices.length; i++) {
            IntCountsHistogram slice = slices[i];
            long due = due(i);
            OptionalDouble p50 = DueFrames.percentile(slice, due, arrived[i], 50);
            OptionalDouble p99 = DueFrames.percentile(slice, due, arrived[i], 99);
            if (p50.isPresent() && p99.isPresent()) {
                list.add(new Slice(
                        i * sliceNanos / 1e9,
                        slice.getTotalCount(),
                        p50.getAsDouble(),
                        p99.getAsDouble(),
                        slice.getMaxValue()));
            }
        }
        return list;
    }

    private long due(int slice) {
        return perSecond == 0 ? arrived[slice] : dueBefore(slice + 1) - dueBefore(slice);
    }

    private long dueBefore(int slice) {
        return new Departures(0, perSecond).due(Math.min(slice * sliceNanos, durationNanos) - 1);
    }
}

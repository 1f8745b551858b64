package io.ringfence.bench.traffic;

import org.HdrHistogram.Histogram;

/**
 * Percentiles of the latencies of all frames of a flow that were due: what was lost or could not leave took longer than any
 * frame that arrived. A switch would otherwise be the better the more it drops of what is late.
 */
public final class DueFrames {
    private static final double ALL = 100;
    /** What arithmetic adds to a share that is exactly all of what arrived. */
    private static final double ROUNDING = 1e-9;

    private DueFrames() {}

    /**
     * The latency that a percentage of the frames that were due did not exceed, in the unit of {@code arrived}; infinite if
     * so many did not arrive, 0 if there is none.
     *
     * @param arrived latencies of frames that arrived, at least of a sample of them
     */
    public static double percentile(Histogram arrived, FlowCounts counts, double percent) {
        if (arrived.getTotalCount() == 0) {
            return 0;
        }
        long due = counts.sent() + counts.unsent();
        double ofArrived = percent * due / counts.received();
        return ofArrived > ALL + ROUNDING ? Double.POSITIVE_INFINITY : arrived.getValueAtPercentile(ofArrived);
    }
}

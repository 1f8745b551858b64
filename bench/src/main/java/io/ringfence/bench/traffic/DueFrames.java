package io.ringfence.bench.traffic;

import java.util.OptionalDouble;
import org.HdrHistogram.AbstractHistogram;
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
     * so many did not arrive; empty if none was due, or of those that arrived no latency is left.
     *
     * @param arrived latencies of frames that arrived, at least of a sample of them
     */
    public static OptionalDouble percentile(Histogram arrived, FlowCounts counts, double percent) {
        return percentile(arrived, counts.sent() + counts.unsent(), counts.received(), percent);
    }

    /** The same, given how many frames were due and how many of them arrived. */
    static OptionalDouble percentile(AbstractHistogram arrived, long due, long received, double percent) {
        if (due == 0) {
            return OptionalDouble.empty();
        }
        double ofArrived = percent * due / received;
        if (ofArrived > ALL + ROUNDING) {
            return OptionalDouble.of(Double.POSITIVE_INFINITY);
        }
        return arrived.getTotalCount() == 0
                ? OptionalDouble.empty()
                : OptionalDouble.of((double) arrived.getValueAtPercentile(ofArrived));
    }
}

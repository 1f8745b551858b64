package io.ringfence.dataplane.cost;

import io.ringfence.scheduler.CostModel;
import java.time.Instant;
import java.util.Objects;

/**
 * A measured cost model with what it holds for and how it came about.
 *
 * @param format version of the stored form, {@link #FORMAT}
 * @param measuredAt when
 * @param host what it holds for
 * @param circumstances how it was measured
 * @param costs the model
 */
public record CostMeasurement(
        int format, Instant measuredAt, HostIdentity host, Circumstances circumstances, CostModel costs) {
    /** The stored form that this version of Ringfence writes and reads. */
    public static final int FORMAT = 1;

    public CostMeasurement {
        Objects.requireNonNull(measuredAt, "measuredAt");
        Objects.requireNonNull(host, "host");
        Objects.requireNonNull(circumstances, "circumstances");
        Objects.requireNonNull(costs, "costs");
    }

    /**
     * How costs were measured; for the reader, nothing is decided by it.
     *
     * @param cpu the CPU on which the worker's code ran
     * @param samples visits measured, over all shapes of visits
     * @param interruptedSamples visits during which the kernel took the CPU away; they count with their CPU time
     * @param evictedBytes memory that the neighbour touched before each visit
     * @param worstPredictionError of the visits measured as a check: how far the model's p99 was off, as a fraction of
     *     what was measured
     */
    public record Circumstances(
            int cpu, long samples, long interruptedSamples, long evictedBytes, double worstPredictionError) {}
}

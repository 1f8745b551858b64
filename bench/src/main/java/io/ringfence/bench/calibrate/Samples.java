package io.ringfence.bench.calibrate;

import io.ringfence.scheduler.CostDistribution;
import java.util.Arrays;

/** Measured durations; allocates nothing while it fills. Owned by one thread until it is full. */
final class Samples {
    private static final int CAPACITY = 1 << 16;

    private final long[] nanos = new long[CAPACITY];
    private int count;

    /** Notes a duration; forgotten if there is no room, which no calibration is long enough for. */
    void add(long durationNanos) {
        if (count < CAPACITY) {
            nanos[count++] = Math.max(0, durationNanos);
        }
    }

    /** Forgets everything. */
    void clear() {
        count = 0;
    }

    /** How many there are. */
    int count() {
        return count;
    }

    /** The smallest duration that so large a part of them does not exceed (nearest rank). */
    long percentile(double part) {
        if (count == 0) {
            throw new IllegalStateException("nothing was measured");
        }
        long[] sorted = Arrays.copyOf(nanos, count);
        Arrays.sort(sorted);
        return sorted[Math.max(0, (int) Math.ceil(part * count) - 1)];
    }

    /** Their distribution. */
    CostDistribution distribution() {
        return new CostDistribution(percentile(0.5), percentile(0.99), percentile(0.999));
    }
}

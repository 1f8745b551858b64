package io.ringfence.bench.forwarding;

import io.ringfence.scheduler.CpuLimit;
import java.time.Duration;

/**
 * What each of the two workers has reserved.
 *
 * @param share of the CPU
 */
record HalfOfCpu(double share) {
    static final Duration PERIOD = Duration.ofMillis(4);
    private static final int STEPS = 200;

    /** Half of what the kernel admits there, in whole steps of half a percent. */
    static HalfOfCpu of(CpuLimit limit) {
        return new HalfOfCpu(Math.floor(limit.share() / 2 * STEPS + 1e-3) / STEPS);
    }

    /** Of each {@link #PERIOD}. */
    Duration runtime() {
        return Duration.ofNanos(Math.round(PERIOD.toNanos() * share));
    }
}

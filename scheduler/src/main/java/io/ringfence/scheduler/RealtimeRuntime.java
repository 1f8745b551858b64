package io.ringfence.scheduler;

import io.ringfence.scheduler.linux.Proc;

/**
 * How much of a CPU the kernel lets reservations have, its own servers' included.
 *
 * @param runtimeMicros {@code sched_rt_runtime_us}; negative if admission is switched off
 * @param periodMicros {@code sched_rt_period_us}
 */
record RealtimeRuntime(long runtimeMicros, long periodMicros) {
    private static final long USUAL_RUNTIME_MICROS = 950_000;
    private static final long USUAL_PERIOD_MICROS = 1_000_000;

    /** Reads both, now; the kernel's defaults where it does not tell. */
    static RealtimeRuntime read() {
        return new RealtimeRuntime(
                Proc.kernelSetting("sched_rt_runtime_us").orElse(USUAL_RUNTIME_MICROS),
                Proc.kernelSetting("sched_rt_period_us").orElse(USUAL_PERIOD_MICROS));
    }

    /** Whether the kernel limits reservations at all. */
    boolean limited() {
        return runtimeMicros >= 0;
    }

    /** The share of a CPU; all of it if nothing is limited, for more it cannot give. */
    double share() {
        return limited() ? (double) runtimeMicros / periodMicros : 1;
    }
}

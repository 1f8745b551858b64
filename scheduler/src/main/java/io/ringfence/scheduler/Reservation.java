package io.ringfence.scheduler;

/**
 * CPU time that a thread may use in every period on one CPU; the deadline equals the period.
 *
 * <p>The rules are those of {@code __checkparam_dl} in the kernel. The host's own bounds on the period ({@code
 * /proc/sys/kernel/sched_deadline_period_{min,max}_us}) are checked when the reservation is applied.
 *
 * @param runtimeNanos Q, at least {@value #MIN_RUNTIME_NANOS} ns, at most the period
 * @param periodNanos P
 * @param reclaims whether the thread may also use what others on its CPU have reserved and do not use, and what nobody has
 *     reserved (SCHED_FLAG_RECLAIM, sched-deadline.rst, section 2.2): then its runtime is charged more slowly, down to the
 *     share per time used
 */
public record Reservation(long runtimeNanos, long periodNanos, boolean reclaims) {
    /** The kernel's resolution of runtimes, {@code 1 << DL_SCALE}. */
    public static final long MIN_RUNTIME_NANOS = 1024;

    public Reservation {
        if (runtimeNanos < MIN_RUNTIME_NANOS) {
            throw new IllegalArgumentException(
                    "runtime is " + runtimeNanos + " ns; the kernel takes no less than " + MIN_RUNTIME_NANOS + " ns");
        }
        if (runtimeNanos > periodNanos) {
            throw new IllegalArgumentException(
                    "runtime is " + runtimeNanos + " ns, more than the period of " + periodNanos + " ns");
        }
    }

    /** One that leaves alone what others do not use. */
    public Reservation(long runtimeNanos, long periodNanos) {
        this(runtimeNanos, periodNanos, false);
    }

    /** The same CPU time, with or without what others do not use. */
    public Reservation reclaiming(boolean reclaiming) {
        return new Reservation(runtimeNanos, periodNanos, reclaiming);
    }

    /** The share of one CPU, above 0, at most 1. */
    public double share() {
        return (double) runtimeNanos / periodNanos;
    }
}

package io.ringfence.scheduler;

/**
 * What a constant bandwidth server of the kernel (sched-deadline.rst, section 2) may look like, as bounds: its runtime left
 * lies between {@link #leftNanos} and {@link #maxLeftNanos}, its deadline between {@link #earliestDeadlineNanos} and {@link
 * #latestDeadlineNanos}.
 *
 * <p>Used by one thread. Times are {@link System#nanoTime()}.
 */
final class MirroredServer {
    private static final int DL_SCALE = 10;
    private static final long FULL_CHARGE = 1 << 16;

    private final long runtimeNanos;
    private final long periodNanos;
    /** The least that the kernel charges for time used, in parts of 2^16. */
    private final long leastCharge;

    long leftNanos;
    long maxLeftNanos;
    long earliestDeadlineNanos;
    long latestDeadlineNanos;

    MirroredServer(Reservation reservation) {
        runtimeNanos = reservation.runtimeNanos();
        periodNanos = reservation.periodNanos();
        leastCharge = reservation.reclaims() ? (long) (reservation.share() * FULL_CHARGE) : FULL_CHARGE;
    }

    void set(long runtimeLeftNanos, long earliestNanos, long latestNanos) {
        leftNanos = runtimeLeftNanos;
        maxLeftNanos = runtimeLeftNanos;
        earliestDeadlineNanos = earliestNanos;
        latestDeadlineNanos = latestNanos;
    }

    /**
     * The thread has run for so long. One that reclaims is charged less while others do not use what is theirs ({@code
     * grub_reclaim()} of the kernel): its share, if nobody else uses anything.
     */
    void used(long nanos) {
        leftNanos -= nanos;
        maxLeftNanos -= nanos * leastCharge / FULL_CHARGE;
    }

    /** A wake-up has begun a new period, with a deadline between these; up to {@code usedNanos} of it are used already. */
    void replenished(long usedNanos, long earliestNanos, long latestNanos) {
        set(runtimeNanos, earliestNanos, latestNanos);
        leftNanos -= usedNanos;
    }

    /** As {@link #replenished}, or all is as before. */
    void orReplenished(long usedNanos, long latestNanos) {
        leftNanos = Math.min(leftNanos, runtimeNanos - usedNanos);
        maxLeftNanos = runtimeNanos;
        latestDeadlineNanos = Math.max(latestDeadlineNanos, latestNanos);
    }

    /** Widens the bounds to hold the other's too. */
    void or(MirroredServer other) {
        leftNanos = Math.min(leftNanos, other.leftNanos);
        maxLeftNanos = Math.max(maxLeftNanos, other.maxLeftNanos);
        earliestDeadlineNanos = Math.min(earliestDeadlineNanos, other.earliestDeadlineNanos);
        latestDeadlineNanos = Math.max(latestDeadlineNanos, other.latestDeadlineNanos);
    }

    /** Whether a wake-up no later than this may begin a new period. */
    boolean mayBeReplenished(long nowNanos) {
        return replenishes(maxLeftNanos, earliestDeadlineNanos, nowNanos);
    }

    /** Whether a wake-up no earlier than this must begin a new period. */
    boolean mustBeReplenished(long wokenNanos) {
        return replenishes(leftNanos, latestDeadlineNanos, wokenNanos);
    }

    /**
     * Whether a thread that wakes without a new period must be running before this time: EDF lets others keep it from the CPU
     * only as long as it can still use what it has left by its deadline.
     */
    boolean mustHaveRunBefore(long nowNanos) {
        return latestDeadlineNanos - leftNanos - nowNanos < 0;
    }

    /** Whether the thread may have gone to sleep overdrawn, and its deadline have passed since. */
    boolean mayHaveSleptOverdrawn(long wokenNanos) {
        return leftNanos <= 0 && latestDeadlineNanos - wokenNanos < 0;
    }

    /** A yield has returned: what was left is lost, a debt is paid, the deadline was before now. */
    void yielded(long nowNanos, long driftNanos) {
        leftNanos = Math.min(leftNanos, 0);
        earliestDeadlineNanos += periodNanos - driftNanos;
        latestDeadlineNanos =
                latestDeadlineNanos + driftNanos - nowNanos < 0 ? latestDeadlineNanos + driftNanos : nowNanos;
        payDebt();
        maxLeftNanos = runtimeNanos;
        if (latestDeadlineNanos - nowNanos < 0) {
            latestDeadlineNanos = nowNanos + periodNanos;
        }
    }

    /** The kernel's {@code replenish_dl_entity()}: as many periods as it takes to have runtime left. */
    void payDebt() {
        long periods = -leftNanos / runtimeNanos + 1;
        leftNanos += periods * runtimeNanos;
        latestDeadlineNanos += periods * periodNanos;
    }

    /**
     * The kernel's {@code update_dl_entity()}: whether a wake-up at this time gives a new period. With its rounding too
     * ({@code DL_SCALE}), so that bounds on the arguments stay bounds on the answer.
     */
    private boolean replenishes(long runtimeLeftNanos, long deadlineNanos, long wakeNanos) {
        long untilDeadlineNanos = deadlineNanos - wakeNanos;
        return untilDeadlineNanos < 0
                || (runtimeLeftNanos >> DL_SCALE) * (periodNanos >> DL_SCALE)
                        > (untilDeadlineNanos >> DL_SCALE) * (runtimeNanos >> DL_SCALE);
    }
}

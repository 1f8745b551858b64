package io.ringfence.dataplane.worker;

import io.ringfence.scheduler.BudgetMeter;
import org.jspecify.annotations.Nullable;

/**
 * How a worker uses CPU time that others on its CPU leave unused, if it may ({@link
 * io.ringfence.scheduler.Reservation#reclaims}).
 *
 * <p>With many frames it goes on looking for some time before it sleeps, as a switch that polls does: a sleep costs those that
 * come meanwhile some 20 us. With fewer it rather is kicked for each than comes by itself. Both take more CPU time than sleeping
 * does, so they are done only where the kernel charges little for it, and never with the last of the budget. Once the kernel is
 * found to have charged in full, nobody leaves anything, and for {@value #GONE_FOR_NANOS} ns the worker is as thrifty as all
 * others.
 *
 * <p>It naps now and then, however much there is. Others get the CPU then whose deadlines are later than its own, and the kernel
 * begins a new period for it: it lets nobody have more than 95 % of a CPU, and stops whoever never sleeps.
 *
 * <p>Owned by the worker.
 */
final class SpareTime {
    /** No more than a sleep and its wake-up take, so that looking in vain costs at most as much again. Three times as long was no better. */
    static final long LOOKS_FOR_NANOS = 5_000;

    /** A neighbour with a later deadline waits for so long at most; with less, more frames would meet a nap. */
    static final long NAPS_AFTER_NANOS = 100_000;

    /**
     * So long that the kernel begins a new period. It was seen to charge not only the worker's share of the time that it uses, but
     * some 0.05 more, probably that of the fair server; what is left falls behind the share, and only sleep brings it back: a
     * seventh of the time, for a share of 0.44. With naps of 5 us such a worker came to what it keeps of its budget, and then slept
     * more often and for longer.
     */
    private static final long NAP_NANOS = 18_000;

    static final long GONE_FOR_NANOS = 20_000_000;

    /** What is kept for frames: so many parts of the runtime. */
    private static final int KEPT_PART = 4;

    private final @Nullable BudgetMeter budget;
    private final long keptNanos;
    private long foundNanos;
    private long sleptNanos;
    private boolean naps;
    private long seenChargedInFull;
    private boolean gone;
    private long goneUntilNanos;

    private SpareTime(@Nullable BudgetMeter budget, long runtimeNanos) {
        this.budget = budget;
        keptNanos = runtimeNanos / KEPT_PART;
    }

    /** Of a worker that keeps to what it has reserved. */
    static SpareTime none() {
        return new SpareTime(null, 0);
    }

    /** Of a worker that reclaims, with this budget and runtime. */
    static SpareTime of(BudgetMeter budget, long runtimeNanos) {
        return new SpareTime(budget, runtimeNanos);
    }

    /**
     * Whether a worker that has run dry should look again at once.
     *
     * @param frames that the last visit found
     * @param many whether they come so closely that the next is worth waiting for
     */
    boolean looksOn(int frames, boolean many, long nowNanos) {
        naps = false;
        if (frames > 0) {
            foundNanos = nowNanos;
        }
        if (!many || nowNanos - foundNanos >= LOOKS_FOR_NANOS || !suffices(nowNanos)) {
            return false;
        }
        naps = nowNanos - sleptNanos >= NAPS_AFTER_NANOS;
        return !naps;
    }

    /** How long to sleep now, if a worker that has nothing to spare sleeps for this long. */
    long paceNanos(long thriftyNanos) {
        return naps ? Math.min(thriftyNanos, NAP_NANOS) : thriftyNanos;
    }

    /** Whether there is time to spare, and more in the budget than what is kept for frames: enough for a wake-up for each frame. */
    boolean suffices(long nowNanos) {
        BudgetMeter charged = budget;
        return charged != null && isThere(charged, nowNanos) && !charged.spentWithin(keptNanos, nowNanos);
    }

    private boolean isThere(BudgetMeter charged, long nowNanos) {
        long chargedInFull = charged.timesChargedInFull();
        if (gone) {
            gone = nowNanos - goneUntilNanos < 0;
        } else if (chargedInFull != seenChargedInFull) {
            spent(nowNanos);
        }
        seenChargedInFull = chargedInFull;
        return !gone;
    }

    /** Notes that the worker has slept. */
    void slept(long nowNanos) {
        sleptNanos = nowNanos;
    }

    /** Notes that wake-ups have spent the budget. */
    void spent(long nowNanos) {
        gone = true;
        goneUntilNanos = nowNanos + GONE_FOR_NANOS;
    }
}

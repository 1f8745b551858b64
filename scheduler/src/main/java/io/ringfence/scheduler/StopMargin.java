package io.ringfence.scheduler;

/**
 * How long before the end of its runtime a worker stops.
 *
 * <p>It has to hold what happens between two looks at the meter, and the way into the kernel. Mostly that is a batch of a few
 * microseconds; a tick of the kernel, preemption and cold caches can make it tens. A margin for the worst would be a tenth of a
 * usual reservation, in every period. So a learned margin follows how far beyond it the worker came of late: it grows at once
 * and shrinks within some periods.
 *
 * <p>What a tick takes in the very last step is then overdrawn now and then. That is a debt of the same worker, which the next
 * period pays, and less than what the margin has saved; the kernel finds it when the worker looks at its own CPU time or yields,
 * in native code, where it holds up no safepoint.
 *
 * <p>Used by one thread.
 */
final class StopMargin {
    /** What the way into the kernel takes, with the look at the CPU time before it. */
    private static final long WAY_NANOS = 10_000;

    /** A part of the difference by which it shrinks at each stop. */
    private static final int SHRINKS_BY_SHIFT = 3;

    private final long leastNanos;
    private final long mostNanos;
    private long nanos;

    private StopMargin(long leastNanos, long mostNanos) {
        this.leastNanos = leastNanos;
        this.mostNanos = mostNanos;
        nanos = mostNanos;
    }

    static StopMargin fixed(long nanos) {
        return new StopMargin(nanos, nanos);
    }

    /** One that is the most at first, and then as long as is needed, within these bounds. */
    static StopMargin learned(long leastNanos, long mostNanos) {
        return new StopMargin(Math.min(leastNanos, mostNanos), mostNanos);
    }

    long nanos() {
        return nanos;
    }

    long mostNanos() {
        return mostNanos;
    }

    /** Notes that the worker has stopped with so much of its runtime left; negative if it was overdrawn. */
    void stoppedWith(long leftNanos) {
        long neededNanos = Math.clamp(nanos - leftNanos + WAY_NANOS, leastNanos, mostNanos);
        nanos = neededNanos >= nanos ? neededNanos : nanos - ((nanos - neededNanos) >> SHRINKS_BY_SHIFT);
    }
}

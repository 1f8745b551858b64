package io.ringfence.scheduler;

/**
 * How long before the end of its runtime a worker stops.
 *
 * <p>It has to hold what happens between two looks at the meter, and the way into the kernel. Mostly that is a batch of a few
 * microseconds; a tick of the kernel, preemption and cold caches can make it tens. A margin for the worst is a tenth of a
 * usual reservation, lost in every period; so a learned one is no longer than needed for one stop in {@value #STOPS} to come too
 * late. It grows with each that does, and shrinks by so much less with each that does not.
 *
 * <p>One that comes too late leaves a debt, which the worker's own next period pays. The kernel finds it when the worker reads
 * its CPU time or yields, in native code, where it holds up no safepoint; unless a tick comes first.
 *
 * <p>Used by one thread.
 */
final class StopMargin {
    /** Fewer late stops than this would not do: some are the tick's, however long the margin. */
    private static final int STOPS = 400;

    private static final long SHRINKS_BY_NANOS = 20;
    private static final long GROWS_BY_NANOS = STOPS * SHRINKS_BY_NANOS;

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

    /** Notes that the worker has stopped with so much of its runtime left; negative if it came too late. */
    void stoppedWith(long leftNanos) {
        nanos = Math.clamp(nanos + (leftNanos < 0 ? GROWS_BY_NANOS : -SHRINKS_BY_NANOS), leastNanos, mostNanos);
    }
}

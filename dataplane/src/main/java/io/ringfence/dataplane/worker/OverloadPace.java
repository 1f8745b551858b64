package io.ringfence.dataplane.worker;

import io.ringfence.scheduler.Reservation;

/**
 * How long a worker sleeps between two visits that has more frames than its budget carries.
 *
 * <p>Such a worker spends its budget whatever it does, and then waits for the next period. The fewer wake-ups it spends it on,
 * the more frames it carries: each costs a way through the kernel and caches that others have filled. And the more evenly it
 * spends it, the shorter is the wait at the end. So its sleeps become longer each time that the budget did not last, as long as
 * visits bring less than about a ring; and shorter when it did last. When a visit finds few frames, the overload is over.
 *
 * <p>Owned by the worker.
 */
final class OverloadPace {
    /** Three quarters of the ring that front-ends give unless told otherwise: longer sleeps would bring hardly more. */
    static final int ENOUGH_FRAMES = 192;

    /** A worker that finds fewer keeps up, and its frames should not wait. */
    static final int KEEPING_UP_FRAMES = 16;

    /** With sleeps that are longer than a part of the period, a frame would wait for as long as without any budget. */
    private static final int PERIOD_PART = 4;

    private final long shortestNanos;
    private final long longestNanos;
    private final long lastsNanos;
    private long nanos;
    private long sinceNanos;
    private long visits;
    private long frames;

    private OverloadPace(long shortestNanos, long longestNanos, long lastsNanos) {
        this.shortestNanos = shortestNanos;
        this.longestNanos = longestNanos;
        this.lastsNanos = lastsNanos;
        nanos = shortestNanos;
    }

    /** One that stays as it is. */
    static OverloadPace constant(long nanos) {
        return new OverloadPace(nanos, nanos, Long.MAX_VALUE);
    }

    /** One that is this short unless there is an overload. */
    static OverloadPace from(long shortestNanos, Reservation reservation) {
        long periodNanos = reservation.periodNanos();
        return new OverloadPace(shortestNanos, Math.max(shortestNanos, periodNanos / PERIOD_PART), 2 * periodNanos);
    }

    /** How long to sleep between two visits. */
    long nanos() {
        return nanos;
    }

    /** Notes what a visit found that left nothing. */
    void visited(long found, long nowNanos) {
        visits++;
        frames += found;
        if (found < KEEPING_UP_FRAMES) {
            nanos = shortestNanos;
        } else if (nowNanos - sinceNanos > lastsNanos) {
            nanos = Math.max(nanos * 3 / 4, shortestNanos);
            begin(nowNanos);
        }
    }

    /** Notes that the budget is spent. */
    void spent(long nowNanos) {
        if (frames < visits * ENOUGH_FRAMES) {
            nanos = Math.min(nanos * 5 / 4, longestNanos);
        }
        begin(nowNanos);
    }

    private void begin(long nowNanos) {
        sinceNanos = nowNanos;
        visits = 0;
        frames = 0;
    }
}

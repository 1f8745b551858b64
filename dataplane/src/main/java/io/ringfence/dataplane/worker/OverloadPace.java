package io.ringfence.dataplane.worker;

import io.ringfence.scheduler.Reservation;

/**
 * How long a worker with more frames than budget sleeps between two visits.
 *
 * <p>Such a worker spends its budget whatever it does, and then waits for the next period. The fewer wake-ups it spends it on,
 * the more frames it carries: each costs a way through the kernel and caches that others have filled. And the more evenly it
 * spends it, the shorter is the wait at the end. So its sleeps become longer each time that the budget did not last, as long as
 * visits bring several frames, but less than about a ring; and shorter when it did last: at once if a visit then finds few.
 *
 * <p>Owned by the worker.
 */
final class OverloadPace {
    /** Longer sleeps would bring hardly more. */
    static final int ENOUGH_FRAMES = Worker.RING_FRAMES * 3 / 4;

    /** A worker that finds fewer, and whose budget lasts, keeps up: its frames should not wait. */
    static final int KEEPING_UP_FRAMES = 16;

    /** With fewer, latency matters more, and {@link Pace} knows what else to do. */
    static final int SEVERAL_FRAMES = 4;

    /** At most a quarter of the period: else frames would wait about as long as for the next budget. */
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
        return new OverloadPace(shortestNanos, Math.max(shortestNanos, periodNanos / PERIOD_PART), periodNanos * 3 / 2);
    }

    /** How long to sleep between two visits. */
    long nanos() {
        return nanos;
    }

    /** Notes what a visit found that left nothing. */
    void visited(long found, long nowNanos) {
        visits++;
        frames += found;
        if (nowNanos - sinceNanos > lastsNanos) {
            nanos = found < KEEPING_UP_FRAMES ? shortestNanos : Math.max(nanos * 3 / 4, shortestNanos);
            begin(nowNanos);
        }
    }

    /** Notes that the budget is spent. */
    void spent(long nowNanos) {
        if (frames >= visits * SEVERAL_FRAMES && frames < visits * ENOUGH_FRAMES) {
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

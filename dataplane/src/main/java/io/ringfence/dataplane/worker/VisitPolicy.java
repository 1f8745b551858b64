package io.ringfence.dataplane.worker;

/**
 * When a worker that has run dry comes back: soon by itself, or when it is called.
 *
 * <p>Under load it comes by itself after a short native sleep, with notifications off, and takes everything that has come
 * meanwhile: a wake-up for each frame costs some 5 us of kernel and cold caches, and under SCHED_DEADLINE it preempts the
 * neighbour on the same CPU. With few frames it is the other way round: sleeps that bring nothing eat the budget, and a
 * kick brings each frame sooner. So the worker paces itself while the rate makes a sleep bring more than a frame, and
 * blocks below that; an idle VM costs nothing.
 *
 * <p>Owned by the worker. The rate is an exponential average over visits, in frames per pace, scaled by 2^10.
 */
final class VisitPolicy {
    /** The shortest pace, which is the default. */
    static final long SHORTEST_PACE_NANOS = 20_000;

    /** The longest pace: what a sleep brings together must neither overflow the guest's ring nor fall out of the caches. */
    static final long LONGEST_PACE_NANOS = 100_000;

    /** From so many frames per pace on a worker paces itself instead of blocking. */
    static final double PACES_FROM_FRAMES = 1.5;

    /** How long a visit may last before the worker looks at its budget and its commands. */
    static final long VISIT_NANOS = 100_000;

    private static final long ONE_FRAME = 1 << 10;
    private static final long PACE_FROM = (long) (PACES_FROM_FRAMES * ONE_FRAME);
    private static final long BLOCK_BELOW = ONE_FRAME;
    /** A burst counts as so many frames at most: it must not keep an otherwise quiet worker pacing. */
    private static final long MAX_SAMPLE = 64 * ONE_FRAME;

    private final long paceNanos;
    private long lastNanos;
    private long framesPerPace;
    private boolean pacing;

    /** @param paceNanos bounds both the latency that a sleep adds and how much comes together */
    VisitPolicy(long paceNanos) {
        this.paceNanos = paceNanos;
    }

    /** How long to sleep between two visits. */
    long paceNanos() {
        return paceNanos;
    }

    /**
     * Notes what a visit found.
     *
     * @return true if the worker should block until it is called, false if it should sleep for the pace
     */
    boolean blocks(long frames, long nowNanos) {
        long elapsed = Math.max(nowNanos - lastNanos, 1);
        lastNanos = nowNanos;
        long sample = Math.min(frames * ONE_FRAME * paceNanos / elapsed, MAX_SAMPLE);
        framesPerPace += (sample - framesPerPace) >> 3;
        pacing = framesPerPace >= (pacing ? BLOCK_BELOW : PACE_FROM);
        return !pacing;
    }
}

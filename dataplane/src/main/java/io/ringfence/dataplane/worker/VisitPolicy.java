package io.ringfence.dataplane.worker;

/**
 * When a worker that has run dry comes back: soon by itself, or when it is called.
 *
 * <p>Under load it comes by itself after a short native sleep ({@link Pace}), with notifications off, and takes everything
 * that has come meanwhile: a wake-up for each frame costs some 5 us of kernel and cold caches, and under SCHED_DEADLINE it
 * preempts the neighbour on the same CPU. With few frames it is the other way round: sleeps that bring nothing eat the budget,
 * and a kick brings each frame sooner. So the worker paces itself while the rate makes a sleep bring more than a frame, and
 * blocks below that; an idle VM costs nothing. It also blocks after two visits in a row that found nothing, whatever the
 * rate: frames that come in bursts leave the worker alone in between, and the kick for the next burst is cheaper than many
 * sleeps, and sooner. {@code bench visits} shows what other numbers than these would do.
 *
 * <p>Owned by the worker. The rate is an exponential average over visits, in frames per {@link #UNIT_NANOS}, scaled by 2^10.
 */
final class VisitPolicy {
    /** From so many frames per pace on a worker paces itself instead of blocking. */
    static final double PACES_FROM_FRAMES = Long.getLong("ringfence.visits.paces.from.hundredths", 150) / 100.0;

    /** How long a visit may last before the worker looks at its budget and its commands. */
    static final long VISIT_NANOS = Long.getLong("ringfence.visits.visit.nanos", 100_000);

    private static final long UNIT_NANOS = 20_000;
    private static final long ONE_FRAME = 1 << 10;
    private static final long PACE_FROM = (long) (PACES_FROM_FRAMES * ONE_FRAME);
    /** Two thirds, so that a worker does not change its mind with every frame. */
    private static final long BLOCK_BELOW = PACE_FROM * 2 / 3;

    /** A burst counts as so many frames at most: it must not keep an otherwise quiet worker pacing. */
    private static final long MAX_SAMPLE = 16 * ONE_FRAME;

    /** Whoever takes more frames in that time than this spends the budget on them, not on waking. */
    private static final long FEW_FRAMES = 4 * ONE_FRAME;

    /**
     * After so many visits without frames the worker blocks. Not after one: where bursts are little farther apart than the pace
     * is long, each would then cost a kick's wake-up beside that of a sleep.
     */
    private static final int EMPTY_VISITS = 2;

    private final Pace pace;
    private long lastNanos;
    private long lookedFrames;
    private long framesPerUnit;
    private boolean pacing;
    private int emptyVisits;

    VisitPolicy(Pace pace) {
        this.pace = pace;
    }

    /** Whether so many frames come that a visit should be worth the frames and not the waking. */
    boolean busy() {
        return framesPerUnit >= FEW_FRAMES;
    }

    /** How long to sleep between two visits. */
    long paceNanos() {
        return pace.nanos(busy());
    }

    /** Notes what CPU time a sleep takes. */
    void sleepTakes(long cpuNanos) {
        pace.sleepTakes(cpuNanos);
    }

    /** Notes what a visit found that is followed by the next at once: one that lasts longer, for the rate. */
    void looked(long frames) {
        lookedFrames += frames;
    }

    /**
     * Notes what a visit found.
     *
     * @return true if the worker should block until it is called, false if it should sleep for the pace
     */
    boolean blocks(long frames, long nowNanos) {
        long elapsed = Math.max(nowNanos - lastNanos, 1);
        lastNanos = nowNanos;
        long found = lookedFrames + frames;
        lookedFrames = 0;
        long sample = Math.min(found * ONE_FRAME * UNIT_NANOS / elapsed, MAX_SAMPLE);
        framesPerUnit += (sample - framesPerUnit) >> 3;
        long least = (pacing ? BLOCK_BELOW : PACE_FROM) * pace.framesPerSleep() * UNIT_NANOS;
        emptyVisits = found == 0 ? emptyVisits + 1 : 0;
        pacing = emptyVisits < EMPTY_VISITS && framesPerUnit * paceNanos() >= least;
        pace.visited(busy(), nowNanos);
        return !pacing;
    }

    /** Notes that the budget is spent. */
    void spent(long nowNanos) {
        if (!busy() && pace.spent(nowNanos)) {
            pacing = true;
        }
    }
}

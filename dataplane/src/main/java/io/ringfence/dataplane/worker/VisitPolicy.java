package io.ringfence.dataplane.worker;

import io.ringfence.scheduler.Reservation;

/**
 * When a worker that has run dry comes back: soon by itself, or when it is called.
 *
 * <p>Under load it comes by itself after a short native sleep, with notifications off, and takes everything that has come
 * meanwhile: a wake-up for each frame costs some 5 us of kernel and cold caches, and under SCHED_DEADLINE it preempts the
 * neighbour on the same CPU. With few frames it is the other way round: sleeps that bring nothing eat the budget, and a
 * kick brings each frame sooner. So the worker paces itself while the rate makes a sleep bring more than a frame, and
 * blocks below that; an idle VM costs nothing.
 *
 * <p>Between the two lies a rate at which wake-ups alone spend the budget, and what comes until the next period waits for
 * that long. So a worker that spends its budget on few frames again and again doubles its pace: some tens of microseconds
 * for every frame instead of a period for some. Once or twice is no reason: that is a hiccup of the host. It tries the
 * short pace again after a second in which the budget sufficed, after longer if that was too early, or at once when there
 * is much to do. Nor does such a worker, with few frames, sleep so shortly that sleeping takes more than half of its share.
 *
 * <p>Owned by the worker. The rate is an exponential average over visits, in frames per shortest pace, scaled by 2^10.
 */
final class VisitPolicy {
    /** The shortest pace, which is the default. */
    static final long SHORTEST_PACE_NANOS = 20_000;

    /** The longest pace: what a sleep brings together must neither overflow the guest's ring nor fall out of the caches. */
    static final long LONGEST_PACE_NANOS = 250_000;

    /** From so many frames per pace on a worker paces itself instead of blocking. */
    static final double PACES_FROM_FRAMES = 1.5;

    /** How long a visit may last before the worker looks at its budget and its commands. */
    static final long VISIT_NANOS = 100_000;

    private static final long ONE_FRAME = 1 << 10;
    private static final long PACE_FROM = (long) (PACES_FROM_FRAMES * ONE_FRAME);
    private static final long BLOCK_BELOW = ONE_FRAME;
    /** A burst counts as so many frames at most: it must not keep an otherwise quiet worker pacing. */
    private static final long MAX_SAMPLE = 64 * ONE_FRAME;

    /** Whoever takes more frames per shortest pace than this spends the budget on them, not on waking. */
    private static final long FEW_FRAMES = 4 * ONE_FRAME;

    /** A sleep and its wake-up take up to 20 us of CPU time on some hosts: one in 200 us fits any reservation of a tenth. */
    private static final long SLOWEST_PACE_NANOS = 200_000;

    private static final long SHORTEST_PATIENCE_NANOS = 1_000_000_000;

    private static final long LONGEST_PATIENCE_NANOS = 16 * SHORTEST_PATIENCE_NANOS;

    /**
     * The pace becomes longer when the budget was spent so often beyond once in so many periods. A hypervisor that takes the
     * CPU away for two milliseconds has them charged to the worker, which then has nothing for some periods: no reason yet.
     */
    private static final int SPENT_TOO_OFTEN = 12;

    private static final int FORGIVEN_AFTER_PERIODS = 8;

    /** A timed sleep was found to take about twice the CPU time of a wake-up by a kick, on virtual machines. */
    private static final int FRAMES_PER_DEAR_SLEEP = 2;

    private final long reservedPaceNanos;
    private final long slowestPaceNanos;
    private long paceNanos;
    private final long forgivenAfterNanos;
    private final double affordablePerSleepCost;
    private final int framesPerSleep;
    private long affordablePaceNanos;
    private long lengthenedNanos;
    private long shortenedNanos = Long.MIN_VALUE / 2;
    private long patienceNanos = SHORTEST_PATIENCE_NANOS;
    private long forgivenNanos;
    private long timesSpent;
    private long lastNanos;
    private long framesPerPace;
    private boolean pacing;

    /** @param paceNanos bounds both the latency that a sleep adds and how much comes together */
    VisitPolicy(long paceNanos) {
        reservedPaceNanos = paceNanos;
        slowestPaceNanos = paceNanos;
        forgivenAfterNanos = Long.MAX_VALUE;
        affordablePerSleepCost = 0;
        framesPerSleep = 1;
        this.paceNanos = paceNanos;
    }

    private VisitPolicy(long paceNanos, Reservation reservation) {
        reservedPaceNanos = paceNanos;
        slowestPaceNanos = Math.max(paceNanos, SLOWEST_PACE_NANOS);
        forgivenAfterNanos = FORGIVEN_AFTER_PERIODS * reservation.periodNanos();
        affordablePerSleepCost = 2.0 * reservation.periodNanos() / reservation.runtimeNanos();
        framesPerSleep = FRAMES_PER_DEAR_SLEEP;
        this.paceNanos = paceNanos;
    }

    /** A policy whose pace gives way: it becomes longer while waking spends the budget. Not where a guarantee rests on it. */
    static VisitPolicy yielding(long paceNanos, Reservation reservation) {
        return new VisitPolicy(paceNanos, reservation);
    }

    /** How long to sleep between two visits. */
    long paceNanos() {
        return framesPerPace >= FEW_FRAMES ? paceNanos : Math.max(paceNanos, affordablePaceNanos);
    }

    /** Notes what CPU time a sleep takes. */
    void sleepTakes(long cpuNanos) {
        affordablePaceNanos = Math.min((long) (cpuNanos * affordablePerSleepCost), slowestPaceNanos);
    }

    /**
     * Notes what a visit found.
     *
     * @return true if the worker should block until it is called, false if it should sleep for the pace
     */
    boolean blocks(long frames, long nowNanos) {
        long elapsed = Math.max(nowNanos - lastNanos, 1);
        lastNanos = nowNanos;
        long sample = Math.min(frames * ONE_FRAME * SHORTEST_PACE_NANOS / elapsed, MAX_SAMPLE);
        framesPerPace += (sample - framesPerPace) >> 3;
        long least = (pacing ? BLOCK_BELOW : PACE_FROM) * framesPerSleep * SHORTEST_PACE_NANOS;
        pacing = framesPerPace * paceNanos() >= least;
        if (framesPerPace >= FEW_FRAMES) {
            paceNanos = reservedPaceNanos; // under load, long sleeps would only let rings fill up
        } else if (paceNanos > reservedPaceNanos && nowNanos - lengthenedNanos > patienceNanos) {
            paceNanos = reservedPaceNanos;
            shortenedNanos = nowNanos;
        }
        return !pacing;
    }

    /** Notes that the budget is spent. */
    void spent(long nowNanos) {
        if (slowestPaceNanos == reservedPaceNanos || framesPerPace >= FEW_FRAMES) {
            return;
        }
        long forgiven = (nowNanos - forgivenNanos) / forgivenAfterNanos;
        forgivenNanos += forgiven * forgivenAfterNanos;
        timesSpent = Math.max(timesSpent - forgiven, 0) + 1;
        if (timesSpent < SPENT_TOO_OFTEN) {
            return;
        }
        timesSpent = 0;
        if (paceNanos == reservedPaceNanos) {
            boolean tooEarly = nowNanos - shortenedNanos < SHORTEST_PATIENCE_NANOS;
            patienceNanos = tooEarly ? Math.min(2 * patienceNanos, LONGEST_PATIENCE_NANOS) : SHORTEST_PATIENCE_NANOS;
        }
        paceNanos = Math.min(paceNanos * 2, slowestPaceNanos);
        lengthenedNanos = nowNanos;
        pacing = true;
    }
}

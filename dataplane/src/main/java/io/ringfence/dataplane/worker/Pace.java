package io.ringfence.dataplane.worker;

import io.ringfence.scheduler.Reservation;

/**
 * How long a worker that comes back by itself sleeps between two visits.
 *
 * <p>As long as its reservation was sized for: the pace bounds both the latency that a sleep adds and how much comes together.
 * Longer where waking would eat the budget, unless a guarantee rests on it:
 *
 * <ul>
 *   <li><b>Few frames, dear sleeps.</b> A sleep and its wake-up take CPU time, which is measured. With few frames a worker
 *       does not sleep so shortly that sleeping takes more than half of its share.
 *   <li><b>A budget spent again and again.</b> There is a rate at which wake-ups alone spend the budget, and what comes until
 *       the next period waits for that long. So a worker that spends its budget on few frames again and again doubles its
 *       pace: some tens of microseconds for every frame instead of a period for some. Once or twice is no reason: that is a
 *       hiccup of the host. It tries the short pace again after a second in which the budget sufficed, after longer if that
 *       was too early, or at once when there is much to do: under load, long sleeps would only let rings fill up.
 * </ul>
 *
 * <p>Owned by the worker.
 */
final class Pace {
    /** The shortest, which is the default. {@code bench visits} measures others. */
    static final long SHORTEST_NANOS = Long.getLong("ringfence.visits.pace.nanos", 20_000);

    /** The longest: what a sleep brings together must neither overflow the guest's ring nor fall out of the caches. */
    static final long LONGEST_NANOS = 250_000;

    /** A sleep and its wake-up take up to 20 us of CPU time on some hosts: one in 200 us fits any reservation of a tenth. */
    private static final long SLOWEST_NANOS = 200_000;

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

    private final long reservedNanos;
    private final long slowestNanos;
    private final long forgivenAfterNanos;
    private final double affordablePerSleepCost;
    private final int framesPerSleep;
    private long nanos;
    private long affordableNanos;
    private long lengthenedNanos;
    private long shortenedNanos = Long.MIN_VALUE / 2;
    private long patienceNanos = SHORTEST_PATIENCE_NANOS;
    private long forgivenNanos;
    private long timesSpent;

    private Pace(
            long reservedNanos,
            long slowestNanos,
            long forgivenAfterNanos,
            double affordablePerSleepCost,
            int framesPerSleep) {
        this.reservedNanos = reservedNanos;
        this.slowestNanos = slowestNanos;
        this.forgivenAfterNanos = forgivenAfterNanos;
        this.affordablePerSleepCost = affordablePerSleepCost;
        this.framesPerSleep = framesPerSleep;
        nanos = reservedNanos;
    }

    /** One that stays as it is, because a guarantee rests on it, or because there is no budget to spend. */
    static Pace binding(long nanos) {
        return new Pace(nanos, nanos, Long.MAX_VALUE, 0, 1);
    }

    /** One that gives way: it becomes longer while waking spends the budget. */
    static Pace yielding(long nanos, Reservation reservation) {
        return new Pace(
                nanos,
                Math.max(nanos, SLOWEST_NANOS),
                FORGIVEN_AFTER_PERIODS * reservation.periodNanos(),
                2.0 * reservation.periodNanos() / reservation.runtimeNanos(),
                FRAMES_PER_DEAR_SLEEP);
    }

    /**
     * How long to sleep between two visits.
     *
     * @param busy whether there is much to do, so that the budget goes into frames and not into waking
     */
    long nanos(boolean busy) {
        return busy ? nanos : Math.max(nanos, affordableNanos);
    }

    /** How many times the frames that make a sleep worth it must come for this one to be. */
    int framesPerSleep() {
        return framesPerSleep;
    }

    /** Notes what CPU time a sleep takes. */
    void sleepTakes(long cpuNanos) {
        affordableNanos = Math.min((long) (cpuNanos * affordablePerSleepCost), slowestNanos);
    }

    /** Notes that there was a visit. */
    void visited(boolean busy, long nowNanos) {
        if (busy) {
            nanos = reservedNanos;
        } else if (nanos > reservedNanos && nowNanos - lengthenedNanos > patienceNanos) {
            nanos = reservedNanos;
            shortenedNanos = nowNanos;
        }
    }

    /**
     * Notes that the budget is spent on few frames.
     *
     * @return whether the pace is longer from now on
     */
    boolean spent(long nowNanos) {
        if (slowestNanos == reservedNanos) {
            return false;
        }
        long forgiven = (nowNanos - forgivenNanos) / forgivenAfterNanos;
        forgivenNanos += forgiven * forgivenAfterNanos;
        timesSpent = Math.max(timesSpent - forgiven, 0) + 1;
        if (timesSpent < SPENT_TOO_OFTEN) {
            return false;
        }
        timesSpent = 0;
        if (nanos == reservedNanos) {
            boolean tooEarly = nowNanos - shortenedNanos < SHORTEST_PATIENCE_NANOS;
            patienceNanos = tooEarly ? Math.min(2 * patienceNanos, LONGEST_PATIENCE_NANOS) : SHORTEST_PATIENCE_NANOS;
        }
        nanos = Math.min(nanos * 2, slowestNanos);
        lengthenedNanos = nowNanos;
        return true;
    }
}

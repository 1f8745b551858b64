package io.ringfence.scheduler;

/**
 * Tells a worker under SCHED_DEADLINE when to give up the CPU by itself, before the kernel throttles it: a thread
 * throttled in Java code holds up every safepoint of the JVM, hence all other workers.
 *
 * <p>It mirrors the kernel's constant bandwidth server (sched-deadline.rst, section 2): a server has runtime left, and a
 * deadline. A wake-up at time t replenishes it to (Q, t+P) if the deadline has passed or {@code left/(deadline-t) > Q/P};
 * a yield, at the deadline, to (Q, deadline+P). The worker does not know t exactly, so that now and then either may be
 * true: then the mirror goes on with both. It keeps a few such servers, each with bounds, of which one is the kernel's; the
 * worker may use what the poorest of them has left. Most doubts end at the next wake-up, which replenishes all of them. (With
 * one server, and a doubtful replenishment taken for none, a worker that used half of its reservation had to yield some 400
 * times a second, for a period each.) When only a doubt would have the budget spent, the kernel is asked, where it tells: that
 * takes some 6 us, a yield the rest of a period.
 *
 * <p>A thread that reclaims ({@link Reservation#reclaims}) is charged less than the time it uses while others are idle. By how
 * much less depends on them at every moment, so the mirror takes the time for the lower bound and the least charge for the
 * upper one, and asks the kernel whenever the lower one is used up: some five times before nothing is left.
 *
 * <p>The wall clock is the cheap upper bound of the CPU time used by work; only when it says "spent" is the thread's CPU time
 * read (some 0.4 us), for the wall clock also runs while a neighbour has the CPU. It is also read before and after each
 * sleep: going to sleep and waking take CPU time of their own (20 us on some hosts, all of it in the kernel, where the
 * worker's wall clock does not look), a part of it before the kernel replenishes and the rest after. How much is which,
 * nobody tells; so it is taken off both.
 *
 * <p>Used by one thread, which calls, in this order and again: {@link #spent} while it works; then either {@link
 * #aboutToSleep}, a native sleep, {@link #wokeUp}; or a native yield, {@link #yielded}. It allocates nothing. All times are
 * {@link System#nanoTime()}. Whoever gets another reservation needs a new meter.
 */
public final class BudgetMeter {
    private static final long MAX_DEFAULT_MARGIN_NANOS = 50_000;

    /** What asking the kernel takes, and so how exact its answer is. */
    private static final long ASKING_NANOS = 10_000;

    private static final long LEAST_FOR_ASKING_NANOS = 3 * ASKING_NANOS;

    /** One that reclaims asks while it works, after a step that may have taken most of its margin; mostly it has more than the mirror says. */
    private static final long LEAST_FOR_RECLAIMING_NANOS = ASKING_NANOS;

    /** So much longer is the margin of one that reclaims. */
    private static final long ASKING_MARGIN_NANOS = 2 * ASKING_NANOS;

    /** So much beyond the margin must there perhaps be for it to ask then. */
    private static final long WORTH_ASKING_NANOS = 2 * ASKING_NANOS;

    /** Who was away from its CPU for longer than this between two looks at the clocks has slept. */
    private static final long SURELY_SLEPT_NANOS = 2_000;

    private final ThreadClock clock;
    private final boolean reclaims;
    private final long leastForAskingNanos;
    private final long periodNanos;
    private final StopMargin margin;
    /** No yield has brought mirror and kernel into step yet. */
    private boolean unsynchronized = true;

    private final MirroredServers servers;
    private long cpuAtSyncNanos;
    /** When the worker began what has not been synced yet. */
    private long stretchStartNanos;
    /** When the wall clock alone would have the budget spent. */
    private long spentAtNanos;

    /** What going to sleep and waking take: the most of late, within bounds. */
    private long sleepNanos;

    private long usualSleepNanos;

    private final long maxSleepNanos;

    private long overruns;

    private long timesChargedInFull;

    /** A meter with the default margin: a fifth of the runtime, at most 50 us. */
    public BudgetMeter(Reservation reservation, ThreadClock clock) {
        this(reservation, defaultMarginNanos(reservation), clock);
    }

    /**
     * A meter that says "spent" {@code marginNanos} before the runtime ends. The margin has to hold what the worker does
     * between two looks at the meter (one bounded batch), and the way into and out of the kernel.
     */
    public BudgetMeter(Reservation reservation, long marginNanos, ThreadClock clock) {
        this(reservation, StopMargin.fixed(marginNanos), clock);
    }

    /**
     * A meter that says "spent" as long before the runtime ends as the worker was found to need of late: {@code
     * leastMarginNanos} where its steps are short, {@code mostMarginNanos} at most, and at first.
     */
    public static BudgetMeter learning(
            Reservation reservation, long leastMarginNanos, long mostMarginNanos, ThreadClock clock) {
        long leastNanos = reservation.reclaims() ? leastMarginNanos + ASKING_MARGIN_NANOS : leastMarginNanos;
        return new BudgetMeter(reservation, StopMargin.learned(leastNanos, mostMarginNanos), clock);
    }

    private BudgetMeter(Reservation reservation, StopMargin margin, ThreadClock clock) {
        long mostNanos = margin.mostNanos();
        if (mostNanos < 0 || mostNanos >= reservation.runtimeNanos()) {
            throw new IllegalArgumentException("margin is " + mostNanos + " ns; expected 0 or more, and less than the"
                    + " runtime of " + reservation.runtimeNanos() + " ns");
        }
        this.clock = clock;
        this.reclaims = reservation.reclaims();
        this.leastForAskingNanos = reclaims ? LEAST_FOR_RECLAIMING_NANOS : LEAST_FOR_ASKING_NANOS;
        this.periodNanos = reservation.periodNanos();
        this.margin = margin;
        this.maxSleepNanos = longestSleepNanos(reservation.runtimeNanos() - mostNanos);
        this.servers = new MirroredServers(reservation);
    }

    /**
     * A fifth covers the fixed costs of a small reservation; a large one would waste with it, and 50 us hold two batches
     * of 20 us.
     */
    public static long defaultMarginNanos(Reservation reservation) {
        return Math.min(reservation.runtimeNanos() / 5, MAX_DEFAULT_MARGIN_NANOS);
    }

    /** What of this work time may be kept for a sleep at most, however dear sleeps are: a quarter. */
    static long longestSleepNanos(long workNanos) {
        return workNanos / 4;
    }

    /**
     * Whether the worker must yield now. True until the first {@link #yielded}: only a yield brings a new meter into
     * step with the kernel.
     */
    public boolean spent(long nowNanos) {
        return nowNanos - spentAtNanos >= 0
                && spentByCpuTime(nowNanos, nowNanos)
                && !(reclaims && couldHave(WORTH_ASKING_NANOS) && settle() && nowNanos - spentAtNanos < 0);
    }

    /**
     * Whether going to sleep and waking may spend the budget: then yield instead. A worker that woke with nothing left could
     * only do that, and might be throttled on its way.
     */
    public boolean spentBySleeping(long nowNanos) {
        return spentWithin(sleepNanos, ASKING_NANOS, nowNanos);
    }

    /** Whether so much more CPU time may spend the budget: for what a worker does only if it has plenty. */
    public boolean spentWithin(long nanos, long nowNanos) {
        return spentWithin(nanos, WORTH_ASKING_NANOS, nowNanos);
    }

    private boolean spentWithin(long nanos, long worthAskingNanos, long nowNanos) {
        long untilNanos = nowNanos + nanos;
        return untilNanos - spentAtNanos >= 0
                && spentByCpuTime(untilNanos, nowNanos)
                && !(couldHave(nanos + worthAskingNanos) && settle() && untilNanos - spentAtNanos < 0);
    }

    /** Runtime that the worker may still use before {@link #spent}, by the wall clock; negative when overdrawn. */
    public long remainingNanos(long nowNanos) {
        return spentAtNanos - nowNanos;
    }

    /**
     * Periods in which the thread used more CPU time than its runtime, so that the kernel throttled it; unless the kernel had
     * more left than this meter can be sure of.
     */
    public long overruns() {
        return overruns;
    }

    /** CPU time that going to sleep and waking takes on average of late, in nanoseconds. */
    public long usualSleepNanos() {
        return usualSleepNanos;
    }

    /** To be called right before a native sleep or poll, with a fresh reading of the clock. */
    public void aboutToSleep(long nowNanos) {
        stretchStartNanos = nowNanos;
        sync();
    }

    /**
     * To be called after a sleep whose end is not known (a poll). Whoever is woken runs within a period; in the meantime
     * neighbours with earlier deadlines may have run. A poll that finds something at once is no sleep, and the kernel begins no
     * period for it.
     */
    public void wokeUp(long nowNanos) {
        long passageNanos = usedSinceSync();
        boolean slept = nowNanos - stretchStartNanos - passageNanos > SURELY_SLEPT_NANOS;
        wokeUp(Math.max(stretchStartNanos, nowNanos - periodNanos), nowNanos, passageNanos, slept);
    }

    /**
     * To be called after a native sleep, unless there was none because its end was past.
     *
     * @param wokenNanos no later than when the kernel woke the thread, unless a signal did; for a timed sleep the time it was
     *     set to
     */
    public void wokeUp(long wokenNanos, long nowNanos) {
        if (nowNanos - wokenNanos < 0) {
            wokeUp(nowNanos);
        } else {
            wokeUp(wokenNanos, nowNanos, usedSinceSync(), true);
        }
    }

    private void wokeUp(long wokenNanos, long nowNanos, long passageNanos, boolean slept) {
        usualSleepNanos += (Math.min(passageNanos, maxSleepNanos) - usualSleepNanos) >> 5;
        sleepNanos = Math.min(Math.max(passageNanos, sleepNanos - (sleepNanos >> 6)), maxSleepNanos);
        servers.wokeUp(wokenNanos, nowNanos, passageNanos, slept);
        stretchStartNanos = nowNanos;
        setSpentAt();
    }

    /** To be called after a native yield has returned: the kernel has replenished. */
    public void yielded(long nowNanos) {
        long passageNanos = usedSinceSync();
        if (unsynchronized) {
            unsynchronized = false;
            servers.begin(nowNanos);
        } else {
            margin.stoppedWith(servers.poorestLeftNanos());
        }
        servers.yielded(nowNanos, passageNanos);
        stretchStartNanos = nowNanos;
        setSpentAt();
    }

    private boolean spentByCpuTime(long untilNanos, long nowNanos) {
        stretchStartNanos = nowNanos;
        if (unsynchronized) {
            cpuAtSyncNanos = clock.cpuTimeNanos();
            return true;
        }
        sync();
        setSpentAt();
        return untilNanos - spentAtNanos >= 0;
    }

    /**
     * Whether the budget would not be spent so long from now on if all doubts were settled for the best. Only while the poorest
     * server has enough left for asking: a worker that works on, and does not reclaim, has just its margin.
     */
    private boolean couldHave(long nanos) {
        if (unsynchronized || servers.poorestLeftNanos() < leastForAskingNanos) {
            return false;
        }
        return servers.richestLeftNanos() - margin.nanos() > nanos;
    }

    /** Asks the kernel what is left, if it tells. */
    private boolean settle() {
        long leftNanos = clock.runtimeLeftNanos();
        if (leftNanos == ThreadClock.UNKNOWN) {
            return false;
        }
        if (servers.wasChargedInFull(leftNanos, ASKING_NANOS)) {
            timesChargedInFull++;
        }
        servers.settle(leftNanos, ASKING_NANOS);
        setSpentAt();
        return true;
    }

    /**
     * How often the kernel was asked and had charged a thread that reclaims for most of the time that it used: others on this CPU use
     * what is theirs.
     */
    public long timesChargedInFull() {
        return timesChargedInFull;
    }

    /** Charges the CPU time used since the last sync. */
    private void sync() {
        boolean within = !overdrawn();
        servers.used(usedSinceSync());
        if (within && overdrawn()) {
            overruns++;
        }
    }

    /** For all that is known; of one that reclaims, the lower bound says next to nothing. */
    private boolean overdrawn() {
        return (reclaims ? servers.richestLeftNanos() : servers.poorestLeftNanos()) < 0;
    }

    private long usedSinceSync() {
        long cpuNanos = clock.cpuTimeNanos();
        long usedNanos = cpuNanos - cpuAtSyncNanos;
        cpuAtSyncNanos = cpuNanos;
        return usedNanos;
    }

    private void setSpentAt() {
        spentAtNanos = stretchStartNanos + servers.poorestLeftNanos() - margin.nanos();
    }
}

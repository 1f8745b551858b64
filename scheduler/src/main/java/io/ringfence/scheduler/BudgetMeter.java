package io.ringfence.scheduler;

import java.util.Arrays;

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
 * times a second, for a period each.)
 *
 * <p>The wall clock is the cheap upper bound of the CPU time used; only when it says "spent" is the thread's CPU time read
 * (some 0.4 us), for the wall clock also runs while a neighbour has the CPU.
 *
 * <p>Used by one thread, which calls, in this order and again: {@link #spent} while it works; then either {@link
 * #aboutToSleep}, a native sleep, {@link #wokeUp}; or a native yield, {@link #yielded}. It allocates nothing. All times are
 * {@link System#nanoTime()}. Whoever gets another reservation needs a new meter.
 */
public final class BudgetMeter {
    /**
     * How late a wake-up may be noticed: the switch to the thread and the return from the call. A worker that also had
     * to wait for one with an earlier deadline replenishes its mirror a little early now and then; the margin and the
     * next yield make up for it.
     */
    static final long WAKE_LATENCY_NANOS = 10_000;

    /** Unread CPU time above this is read before sleeping, so that a neighbour's time is not charged for long. */
    static final long SYNC_AFTER_NANOS = 20_000;

    /** Doubts that are kept apart; wake-ups so close that more would be needed have nearly the same deadline. */
    private static final int SERVERS = 4;

    private static final long MAX_DEFAULT_MARGIN_NANOS = 50_000;

    private final ThreadClock clock;
    private final long periodNanos;
    private final long marginNanos;
    /** The kernel's clock and nanoTime differ by less than a thousandth (NTP slews by 500 ppm at most). */
    private final long driftNanos;

    /** No yield has brought mirror and kernel into step yet. */
    private boolean unsynchronized = true;

    /** One of these is the kernel's, from the oldest deadline to the latest. */
    private final MirroredServer[] servers = new MirroredServer[SERVERS];

    private int count = 1;

    private long cpuAtSyncNanos;
    /** Wall time worked since the last sync, before the stretch that began at {@link #stretchStartNanos}. */
    private long unsyncedNanos;

    private long stretchStartNanos;
    /** When the wall clock alone would have the budget spent. */
    private long spentAtNanos;

    private long overruns;

    /** A meter with the default margin: a fifth of the runtime, at most 50 us. */
    public BudgetMeter(Reservation reservation, ThreadClock clock) {
        this(reservation, defaultMarginNanos(reservation), clock);
    }

    /**
     * A meter that says "spent" {@code marginNanos} before the runtime ends. The margin has to hold what the worker does
     * between two looks at the meter (one bounded batch), and the way into and out of the kernel.
     */
    public BudgetMeter(Reservation reservation, long marginNanos, ThreadClock clock) {
        if (marginNanos < 0 || marginNanos >= reservation.runtimeNanos()) {
            throw new IllegalArgumentException("margin is " + marginNanos + " ns; expected 0 or more, and less than the"
                    + " runtime of " + reservation.runtimeNanos() + " ns");
        }
        this.clock = clock;
        this.periodNanos = reservation.periodNanos();
        this.marginNanos = marginNanos;
        this.driftNanos = reservation.periodNanos() >> 10;
        Arrays.setAll(servers, ignored -> new MirroredServer(reservation));
    }

    /**
     * A fifth covers the fixed costs of a small reservation; a large one would waste with it, and 50 us hold two batches
     * of 20 us.
     */
    public static long defaultMarginNanos(Reservation reservation) {
        return Math.min(reservation.runtimeNanos() / 5, MAX_DEFAULT_MARGIN_NANOS);
    }

    /**
     * Whether the worker must yield now. True until the first {@link #yielded}: only a yield brings a new meter into
     * step with the kernel.
     */
    public boolean spent(long nowNanos) {
        return nowNanos - spentAtNanos >= 0 && spentByCpuTime(nowNanos);
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

    /** To be called before a native sleep or poll. */
    public void aboutToSleep(long nowNanos) {
        unsyncedNanos += nowNanos - stretchStartNanos;
        stretchStartNanos = nowNanos;
        if (unsyncedNanos > SYNC_AFTER_NANOS) {
            sync();
        }
    }

    /** To be called after a sleep whose end is not known (a poll): it is taken to have ended just before. */
    public void wokeUp(long nowNanos) {
        wokeUp(Math.max(stretchStartNanos, nowNanos - WAKE_LATENCY_NANOS), nowNanos);
    }

    /**
     * To be called after a native sleep.
     *
     * @param wokenNanos no later than when the kernel woke the thread; for a timed sleep the time it was set to
     */
    public void wokeUp(long wokenNanos, long nowNanos) {
        stretchStartNanos = nowNanos;
        boolean perhaps = false;
        for (int i = 0; i < count; i++) {
            perhaps |= servers[i].mayBeReplenished(nowNanos);
        }
        if (perhaps) {
            perhapsReplenished(wokenNanos, nowNanos);
        }
        setSpentAt();
    }

    private void perhapsReplenished(long wokenNanos, long nowNanos) {
        // What was charged by the wall clock belongs to the old period.
        sync();
        int kept = 0;
        boolean fresh = false;
        for (int i = 0; i < count; i++) {
            MirroredServer server = servers[i];
            if (server.mayHaveSleptOverdrawn(wokenNanos)) {
                // If so, the kernel has replenished it already, less the debt; if not, the wake-up has.
                server.payDebt();
                server.orReplenished(nowNanos + periodNanos + driftNanos);
            } else {
                fresh |= server.mayBeReplenished(nowNanos);
                if (server.mustBeReplenished(wokenNanos)) {
                    continue;
                }
            }
            servers[i] = servers[kept];
            servers[kept++] = server;
        }
        count = kept;
        if (fresh) {
            add(wokenNanos + periodNanos - driftNanos, nowNanos + periodNanos + driftNanos);
        }
    }

    private void add(long earliestDeadlineNanos, long latestDeadlineNanos) {
        if (count == SERVERS) {
            servers[count - 1].orReplenished(latestDeadlineNanos);
        } else {
            servers[count++].replenished(earliestDeadlineNanos, latestDeadlineNanos);
        }
    }

    /** To be called after a native yield has returned: the kernel has replenished. */
    public void yielded(long nowNanos) {
        stretchStartNanos = nowNanos;
        if (unsynchronized) {
            unsynchronized = false;
            cpuAtSyncNanos = clock.cpuTimeNanos();
            servers[0].set(0, nowNanos - periodNanos, nowNanos);
        } else {
            sync();
            leaveOne(nowNanos);
        }
        // The yield returned no earlier than the kernel's deadline.
        servers[0].yielded(nowNanos, driftNanos);
        setSpentAt();
    }

    /** A server whose deadline is yet to come is not the kernel's; the others become one, with the bounds of all. */
    private void leaveOne(long nowNanos) {
        int kept = 0;
        for (int i = 0; i < count; i++) {
            MirroredServer server = servers[i];
            if (server.earliestDeadlineNanos - driftNanos - nowNanos <= 0) {
                servers[i] = servers[kept];
                servers[kept++] = server;
            }
        }
        for (int i = 1; i < Math.max(kept, 1); i++) {
            servers[0].or(servers[i]);
        }
        count = 1;
    }

    private boolean spentByCpuTime(long nowNanos) {
        if (unsynchronized) {
            return true;
        }
        stretchStartNanos = nowNanos;
        sync();
        setSpentAt();
        return nowNanos - spentAtNanos >= 0;
    }

    /** Replaces the wall time charged since the last sync by the CPU time used. */
    private void sync() {
        long cpuNanos = clock.cpuTimeNanos();
        boolean within = poorestLeftNanos() >= 0;
        for (int i = 0; i < count; i++) {
            servers[i].used(cpuNanos - cpuAtSyncNanos);
        }
        if (within && poorestLeftNanos() < 0) {
            overruns++;
        }
        cpuAtSyncNanos = cpuNanos;
        unsyncedNanos = 0;
    }

    private long poorestLeftNanos() {
        long leftNanos = servers[0].leftNanos;
        for (int i = 1; i < count; i++) {
            leftNanos = Math.min(leftNanos, servers[i].leftNanos);
        }
        return leftNanos;
    }

    private void setSpentAt() {
        spentAtNanos = stretchStartNanos + poorestLeftNanos() - unsyncedNanos - marginNanos;
    }
}

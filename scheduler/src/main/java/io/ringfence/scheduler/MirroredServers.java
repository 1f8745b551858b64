package io.ringfence.scheduler;

import java.util.Arrays;

/**
 * Servers of which one is the kernel's, each with bounds: wherever the kernel may have replenished or not, there is one for
 * either. From the oldest deadline to the latest. Used by one thread; allocates nothing.
 */
final class MirroredServers {
    /** Doubts that are kept apart; wake-ups so close that more would be needed have nearly the same deadline. */
    private static final int SERVERS = 4;

    private final long periodNanos;
    /** The kernel's clock and nanoTime differ by less than a thousandth (NTP slews by 500 ppm at most). */
    private final long driftNanos;

    private final MirroredServer[] servers = new MirroredServer[SERVERS];
    private int count = 1;

    MirroredServers(Reservation reservation) {
        periodNanos = reservation.periodNanos();
        driftNanos = periodNanos >> 10;
        Arrays.setAll(servers, ignored -> new MirroredServer(reservation));
    }

    /** The least that may be left. */
    long poorestLeftNanos() {
        long leftNanos = servers[0].leftNanos;
        for (int i = 1; i < count; i++) {
            leftNanos = Math.min(leftNanos, servers[i].leftNanos);
        }
        return leftNanos;
    }

    /** The most that may be left. */
    long richestLeftNanos() {
        long leftNanos = servers[0].maxLeftNanos;
        for (int i = 1; i < count; i++) {
            leftNanos = Math.max(leftNanos, servers[i].maxLeftNanos);
        }
        return leftNanos;
    }

    /** The thread has run for so long. */
    void used(long nanos) {
        for (int i = 0; i < count; i++) {
            servers[i].used(nanos);
        }
    }

    /**
     * The thread runs again.
     *
     * @param wokenNanos no later than when the kernel woke it
     * @param passageNanos CPU time of going to sleep and waking: some before the kernel replenishes, the rest after
     * @param slept whether it surely was off its CPU
     */
    void wokeUp(long wokenNanos, long nowNanos, long passageNanos, boolean slept) {
        int kept = 0;
        boolean fresh = false;
        for (int i = 0; i < count; i++) {
            MirroredServer server = servers[i];
            boolean perhaps = server.mayBeReplenished(nowNanos);
            server.used(passageNanos);
            if (server.mayHaveSleptOverdrawn(wokenNanos)) {
                // If so, the kernel has replenished it already, less the debt; if not, the wake-up has.
                server.payDebt();
                server.orReplenished(passageNanos, nowNanos + periodNanos + driftNanos);
            } else {
                fresh |= perhaps;
                if (slept
                        && (server.mustBeReplenished(wokenNanos)
                                || server.mustHaveRunBefore(nowNanos - passageNanos))) {
                    continue;
                }
            }
            keep(i, kept++);
        }
        count = kept;
        if (fresh) {
            add(passageNanos, wokenNanos + periodNanos - driftNanos, nowNanos + periodNanos + driftNanos);
        }
    }

    private void add(long passageNanos, long earliestDeadlineNanos, long latestDeadlineNanos) {
        if (count == SERVERS) {
            servers[count - 1].orReplenished(passageNanos, latestDeadlineNanos);
        } else {
            servers[count++].replenished(passageNanos, earliestDeadlineNanos, latestDeadlineNanos);
        }
    }

    /** Nothing is known but that the next call is {@link #yielded}. */
    void begin(long nowNanos) {
        count = 1;
        servers[0].set(0, nowNanos - periodNanos, nowNanos);
    }

    /** A yield has returned, no earlier than the kernel's deadline. */
    void yielded(long nowNanos, long passageNanos) {
        leaveOne(nowNanos);
        servers[0].yielded(nowNanos, driftNanos);
        servers[0].leftNanos -= passageNanos;
    }

    /** A server whose deadline is yet to come is not the kernel's; the others become one, with the bounds of all. */
    private void leaveOne(long nowNanos) {
        int kept = 0;
        for (int i = 0; i < count; i++) {
            if (servers[i].earliestDeadlineNanos - driftNanos - nowNanos <= 0) {
                keep(i, kept++);
            }
        }
        if (kept == 0) {
            // Not so by the rules: this host has stopped the CPU, or let a neighbour overrun.
            servers[0].earliestDeadlineNanos = nowNanos - periodNanos;
        }
        count = Math.max(kept, 1);
        uniteAll();
    }

    /**
     * The kernel has so much left, give or take; what does not agree with it was not so. It may be more than any server here has: the
     * kernel charges a CPU below its highest frequency for less than the time.
     */
    void settle(long leftNanos, long uncertainNanos) {
        int kept = 0;
        for (int i = 0; i < count; i++) {
            MirroredServer server = servers[i];
            if (server.leftNanos - uncertainNanos <= leftNanos && leftNanos <= server.maxLeftNanos + uncertainNanos) {
                keep(i, kept++);
            }
        }
        if (kept == 0) {
            uniteAll();
        } else {
            count = kept;
        }
        for (int i = 0; i < count; i++) {
            servers[i].leftNanos = leftNanos;
            servers[i].maxLeftNanos = leftNanos;
        }
    }

    /**
     * Whether the kernel, which has so much left, has charged for most of the time used: that lies between what it would be if
     * all of it were charged, and if the least were; unless there was a new period since, and then nothing is known.
     */
    boolean wasChargedInFull(long leftNanos, long uncertainNanos) {
        MirroredServer oldest = servers[0];
        long doubtNanos = oldest.maxLeftNanos - oldest.leftNanos;
        return doubtNanos >= 2 * uncertainNanos && leftNanos - oldest.leftNanos < doubtNanos / 2;
    }

    /** Moves one to the front, behind those kept before it; whose place it takes is used again if it is not kept. */
    private void keep(int index, int place) {
        MirroredServer server = servers[index];
        servers[index] = servers[place];
        servers[place] = server;
    }

    private void uniteAll() {
        for (int i = 1; i < count; i++) {
            servers[0].or(servers[i]);
        }
        count = 1;
    }
}

package io.ringfence.dataplane.port;

import java.util.Arrays;

/**
 * What a sender does about a receiver that cannot take a frame now: wait for a bounded time, then drop until it has
 * drained.
 *
 * <p>While it waits, the frame stays in its guest's own ring, which is the cheapest queue there is: the next visit
 * delivers directly, nobody else's budget is needed, and the guest feels the back-pressure. But the frames behind it wait
 * too, also those for other receivers. So a receiver that makes no progress is given up after {@link #PATIENCE_NANOS},
 * and one that makes some, but little, may hold up a sender with several receivers for half of its time at most. One for
 * each flow; owned by the sender's worker.
 */
final class Congestion {
    /** Longer than the periods that workers usually have: the receiver's own worker may have to come by. */
    private static final long PATIENCE_NANOS = 2_000_000;

    /** What may add up, beyond half of the time, before waiting is refused. */
    private static final long STALL_LIMIT_NANOS = 1_000_000;

    private boolean alone;
    private boolean[] waiting = {};
    private boolean[] congested = {};
    private long[] sinceNanos = {};
    private long[] stalledNanos = {};
    private long[] countedNanos = {};

    /**
     * Keeps what is known of the receivers that stay.
     *
     * @param indexes one more than the highest index of a receiver
     * @param onlyOne whether there is one receiver only, so that nobody else's frames can be held up
     */
    void resize(int indexes, boolean onlyOne) {
        alone = onlyOne;
        waiting = Arrays.copyOf(waiting, indexes);
        congested = Arrays.copyOf(congested, indexes);
        sinceNanos = Arrays.copyOf(sinceNanos, indexes);
        stalledNanos = Arrays.copyOf(stalledNanos, indexes);
        countedNanos = Arrays.copyOf(countedNanos, indexes);
    }

    /** Another receiver has this index now. */
    void forget(int member) {
        waiting[member] = false;
        congested[member] = false;
        stalledNanos[member] = 0;
    }

    /** Whether frames for this member are to be dropped at once. */
    boolean congested(int member) {
        return congested[member];
    }

    /** The member has taken enough of what was handed off. */
    void drained(int member) {
        congested[member] = false;
    }

    /** A frame found no room: whether to keep it for a later visit. */
    boolean waits(int member, long nowNanos) {
        if (!waiting[member]) {
            if (!alone && stalled(member, nowNanos) > STALL_LIMIT_NANOS) {
                return false;
            }
            waiting[member] = true;
            sinceNanos[member] = nowNanos;
        }
        return nowNanos - sinceNanos[member] < PATIENCE_NANOS;
    }

    /** A frame was dropped because there was no room, nor patience left. */
    void gaveUp(int member, long nowNanos) {
        congested[member] = true;
        passed(member, nowNanos);
    }

    /** A frame was delivered or handed off. */
    void passed(int member, long nowNanos) {
        if (waiting[member]) {
            waiting[member] = false;
            stalledNanos[member] = stalled(member, nowNanos) + nowNanos - sinceNanos[member];
        }
    }

    /** Time spent waiting for a member, of which half of the time that has passed is forgiven. */
    private long stalled(int member, long nowNanos) {
        long forgiven = (nowNanos - countedNanos[member]) / 2;
        countedNanos[member] = nowNanos;
        stalledNanos[member] = Math.max(0, stalledNanos[member] - forgiven);
        return stalledNanos[member];
    }
}

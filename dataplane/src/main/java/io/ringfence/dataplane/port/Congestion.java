package io.ringfence.dataplane.port;

import java.util.Arrays;

/**
 * What a sender does about a receiver that cannot take a frame now: wait for a bounded time, then drop until it has
 * drained.
 *
 * <p>While it waits, the frame stays in its guest's own ring, which is the cheapest queue there is: the next visit
 * delivers directly, nobody else's budget is needed, and the guest feels the back-pressure. But the frames behind it wait
 * too, also those for other receivers. So a receiver that makes no progress is given up after {@link #PATIENCE_NANOS},
 * and those that make some, but little, may together hold up a sender with several receivers for half of its time at most.
 * One for each flow, of which one frame waits at a time, the first; owned by the sender's worker.
 */
final class Congestion {
    /** Longer than the periods that workers usually have: the receiver's own worker may have to come by. */
    private static final long PATIENCE_NANOS = 2_000_000;

    /** What may add up, beyond half of the time, before waiting is refused. */
    private static final long STALL_LIMIT_NANOS = 1_000_000;

    private static final int NOBODY = -1;

    private boolean alone;
    private boolean[] congested = {};
    /** The member whose frame waits. */
    private int waitingFor = NOBODY;

    private long sinceNanos;
    private long stalledNanos;
    private long countedNanos;

    /**
     * Keeps what is known of the receivers that stay.
     *
     * @param indexes one more than the highest index of a receiver
     * @param onlyOne whether there is one receiver only, so that nobody else's frames can be held up
     */
    void resize(int indexes, boolean onlyOne) {
        alone = onlyOne;
        congested = Arrays.copyOf(congested, indexes);
    }

    /** Another receiver has this index now. */
    void forget(int member) {
        congested[member] = false;
        if (waitingFor == member) {
            forgetWaiting();
        }
    }

    /** The frame that waited, if one did, has gone without having been brought anywhere. */
    void forgetWaiting() {
        waitingFor = NOBODY;
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
        if (waitingFor != member) {
            passed(nowNanos);
            if (!alone && stalled(nowNanos) > STALL_LIMIT_NANOS) {
                return false;
            }
            waitingFor = member;
            sinceNanos = nowNanos;
        }
        return nowNanos - sinceNanos < PATIENCE_NANOS;
    }

    /** A frame for this member was dropped because there was no room, nor patience left. */
    void gaveUp(int member) {
        congested[member] = true;
    }

    /** A frame was delivered, handed off or dropped: none waits any more. */
    void passed(long nowNanos) {
        if (waitingFor != NOBODY) {
            waitingFor = NOBODY;
            if (!alone) {
                stalledNanos = stalled(nowNanos) + nowNanos - sinceNanos;
            }
        }
    }

    /** Time spent waiting, for whomever, of which half of the time that has passed is forgiven. */
    private long stalled(long nowNanos) {
        long forgiven = (nowNanos - countedNanos) / 2;
        countedNanos = nowNanos;
        stalledNanos = Math.max(0, stalledNanos - forgiven);
        return stalledNanos;
    }
}

package io.ringfence.dataplane.port;

import io.ringfence.dataplane.delivery.HeadOfLine;
import java.util.Arrays;

/**
 * What a sender does about a receiver that cannot take a frame now: wait for a bounded time ({@link HeadOfLine}), then drop
 * until it has drained.
 *
 * <p>While it waits, the frame stays in its guest's own ring, which is the cheapest queue there is: the next visit
 * delivers directly, nobody else's budget is needed, and the guest feels the back-pressure. One for each flow, of which one frame
 * waits at a time, the first; owned by the sender's worker.
 */
final class Congestion {
    private final HeadOfLine line = new HeadOfLine();
    private boolean[] congested = {};

    /**
     * Keeps what is known of the receivers that stay.
     *
     * @param indexes one more than the highest index of a receiver
     * @param onlyOne whether there is one receiver only, so that nobody else's frames can be held up
     */
    void resize(int indexes, boolean onlyOne) {
        line.alone(onlyOne);
        congested = Arrays.copyOf(congested, indexes);
    }

    /** Another receiver has this index now. */
    void forget(int member) {
        congested[member] = false;
        if (line.waitsFor(member)) {
            line.forget();
        }
    }

    /** The frame that waited, if one did, has gone without having been brought anywhere. */
    void forgetWaiting() {
        line.forget();
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
        return line.waits(member, nowNanos);
    }

    /** A frame for this member was dropped because there was no room, nor patience left. */
    void gaveUp(int member) {
        congested[member] = true;
    }

    /** A frame was delivered, handed off or dropped: none waits any more. */
    void passed(long nowNanos) {
        line.passed(nowNanos);
    }
}

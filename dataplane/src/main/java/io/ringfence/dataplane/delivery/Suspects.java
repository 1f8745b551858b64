package io.ringfence.dataplane.delivery;

import java.util.Arrays;

/**
 * Receivers at which a fault has struck the worker that brought them frames: for a moment it leaves their queues alone, and the frames
 * for them to their own workers.
 *
 * <p>Nobody else does so for that: a sender whose own memory comes and goes could else keep all others from a receiver. Owned by the
 * worker.
 */
final class Suspects {
    /** So a receiver whose memory comes and goes costs a sender about one fault in this time. */
    static final long LEFT_ALONE_NANOS = 10_000_000;

    private boolean[] leftAlone = {};
    private long[] untilNanos = {};

    /** Members have indexes below this from now on. */
    void resize(int indexes) {
        leftAlone = Arrays.copyOf(leftAlone, indexes);
        untilNanos = Arrays.copyOf(untilNanos, indexes);
    }

    /** This one is to be left alone. */
    void add(int member, long until) {
        leftAlone[member] = true;
        untilNanos[member] = until;
    }

    /** Whether this one was to be left alone when it was last looked at. */
    boolean has(ReceiveSide receiver) {
        return leftAlone[receiver.member()];
    }

    /** Whether this one is still to be left alone; then wakes its worker, for nobody else may do that. */
    boolean leave(ReceiveSide receiver) {
        int member = receiver.member();
        if (!leftAlone[member]) {
            return false;
        }
        boolean stands = System.nanoTime() - untilNanos[member] < 0;
        leftAlone[member] = stands;
        if (stands) {
            receiver.ring();
        }
        return stands;
    }
}

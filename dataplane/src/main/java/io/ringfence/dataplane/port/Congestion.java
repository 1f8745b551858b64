package io.ringfence.dataplane.port;

/**
 * What a sender does about a receiver whose handoff is full: wait once for a bounded time, then drop until it has
 * drained.
 *
 * <p>While it waits, the frame stays in its guest's own ring. Without the wait a short burst would lose frames; with a
 * wait for every frame a receiver that stands still would slow its senders down. Owned by the sender's worker.
 */
final class Congestion {
    /** Long enough for the receiver's worker to come by, short enough not to be noticed in the other flows. */
    private static final long WAIT_NANOS = 200_000;

    private final long[] waitUntilNanos;
    private final boolean[] waiting;
    private final boolean[] congested;

    Congestion(int members) {
        waitUntilNanos = new long[members];
        waiting = new boolean[members];
        congested = new boolean[members];
    }

    /** Whether frames for this member are to be dropped at once. */
    boolean congested(int member) {
        return congested[member];
    }

    /** The member has taken all that was handed off. */
    void drained(int member) {
        congested[member] = false;
        waiting[member] = false;
    }

    /** A frame found the handoff full: whether to keep it for a later visit. */
    boolean waits(int member, long nowNanos) {
        if (!waiting[member]) {
            waiting[member] = true;
            waitUntilNanos[member] = nowNanos + WAIT_NANOS;
            return true;
        }
        if (nowNanos - waitUntilNanos[member] < 0) {
            return true;
        }
        congested[member] = true;
        return false;
    }

    /** A frame was delivered or handed off. */
    void passed(int member) {
        waiting[member] = false;
    }
}

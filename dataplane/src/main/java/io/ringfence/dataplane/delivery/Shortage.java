package io.ringfence.dataplane.delivery;

import org.jspecify.annotations.Nullable;

/**
 * A receive queue that has buffers, but too few for the frame that is next: how long that lasts, and an end to it, for all
 * senders wait behind that frame.
 *
 * <p>Belongs to the holder of the {@link Claim}.
 */
final class Shortage {
    /**
     * How long a frame waits for more buffers while there are as many as the driver ever had posted, but too few. It may never post
     * more: it gets new ones in only when some are used, and so all senders would wait behind that frame for ever.
     */
    private static final long PATIENCE_NANOS = 5_000_000;

    /**
     * The same with fewer than that. It is the driver's turn, whose virtual CPU may not run; but one that posts new buffers in lots, as
     * Linux does, may wait for more to be used.
     */
    private static final long LONG_PATIENCE_NANOS = 100_000_000;

    private @Nullable ReceiveQueue queue;
    /** How many there are, and since when nothing has changed. */
    private int ready;

    private long sinceNanos;
    private @Nullable ReceiveQueue givingAll;

    /** Whether there is one. */
    boolean lasts() {
        return queue != null;
    }

    /** If it has lasted too long, has the frame get as many buffers as there are, until {@link #giveAllNoMore}. */
    void giveAllIfLong() {
        ReceiveQueue lacking = queue;
        if (lacking != null && System.nanoTime() - sinceNanos > patienceNanos(lacking)) {
            lacking.allGiven = ready;
            givingAll = lacking;
        }
    }

    void giveAllNoMore() {
        ReceiveQueue giving = givingAll;
        if (giving != null) {
            giving.allGiven = ReceiveQueue.NONE;
            givingAll = null;
        }
    }

    private static long patienceNanos(ReceiveQueue queue) {
        return queue.hasAllOfDriver() ? PATIENCE_NANOS : LONG_PATIENCE_NANOS;
    }

    /**
     * Notes how taking in frames ended.
     *
     * @param starved the queue without enough buffers for the next frame; null if there is none
     * @param progress whether frames were taken in before
     */
    void note(@Nullable ReceiveQueue starved, boolean progress) {
        if (starved == null || starved.ready == 0) {
            queue = null;
        } else if (starved != queue || starved.ready != ready || progress) {
            queue = starved;
            ready = starved.ready;
            sinceNanos = System.nanoTime();
        }
    }

    /** The queues are others now. */
    void forget() {
        queue = null;
    }
}

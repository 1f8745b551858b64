package io.ringfence.bench.claiming;

import io.ringfence.vhostuser.virtqueue.BufferBatch;
import io.ringfence.vhostuser.virtqueue.SplitVirtqueue;
import io.ringfence.vhostuser.virtqueue.Virtqueue;

/**
 * Claim, copy, publish: buffers are claimed by compare-and-set, filled while nothing is held, and published together.
 *
 * <p>Descriptors are read before they are claimed, for only they tell how many buffers the frames take; if somebody else was first, they are
 * read again. Plain chains only, of one descriptor each: anything else ends the batch.
 */
final class ClaimingSender implements Sender {
    /** Who loses so often in a row leaves its frames to the next visit; somebody else has got something done each time. */
    private static final int TRIES = 4;

    private final int number;
    private final SharedQueue queue;
    private final boolean mergeable;
    private final Publication publication;
    private final SplitVirtqueue view;
    private final Train train = new Train();
    private final BufferBatch buffers = new BufferBatch();
    private final int[] written = new int[BufferBatch.CAPACITY];
    private long availableUntil;
    private long from;
    private int count;
    private long missed;
    private long leftToOthers;

    /**
     * @param number 0 to 63, unique among the senders of the queue
     * @param mergeable whether a frame may take several buffers (MRG_RXBUF)
     */
    ClaimingSender(int number, SharedQueue queue, boolean mergeable, Publication publication) {
        this.number = number;
        this.queue = queue;
        this.mergeable = mergeable;
        this.publication = publication;
        view = queue.view();
        availableUntil = queue.claimed();
    }

    @Override
    public int send(Virtqueue transmit) {
        if (!read(transmit)) {
            return 0;
        }
        int taken = 0;
        while (!train.isEmpty() && claim()) {
            copy();
            publish();
            taken += giveBack(transmit);
        }
        if (taken > 0 && transmit.publish()) {
            transmit.call();
        }
        return taken;
    }

    /** Reads a batch ahead; false if there is none. */
    boolean read(Virtqueue transmit) {
        int ready = transmit.available();
        if (ready == 0) {
            return false;
        }
        train.read(transmit, Math.min(ready, BATCH));
        return !train.isEmpty();
    }

    /** Claims buffers for the next frames; false if there are none, or others were faster again and again. */
    boolean claim() {
        for (int i = 0; i < TRIES; i++) {
            from = queue.claimed();
            // As the switch: asked again only when used up, to spare the guest's cache line.
            if (availableUntil - from <= 0) {
                availableUntil = queue.availableUntil(from);
            }
            int ready = (int) (availableUntil - from);
            if (ready == 0) {
                return false;
            }
            view.commit(((int) from - view.nextAvailable()) & 0xffff); // no more than its position
            count = view.peekPlain(ready, true, Train.HEADER_LENGTH + Long.BYTES * 2, buffers) == 0
                    ? 0
                    : train.plan(buffers, mergeable);
            if (count > 0 && queue.claim(from, count)) {
                return true;
            }
            if (count == 0 && queue.claimed() == from) {
                long known = availableUntil;
                availableUntil = queue.availableUntil(from); // a frame may need more buffers than were there
                if (availableUntil == known) {
                    return false;
                }
                continue;
            }
            missed++;
        }
        return false;
    }

    /** Fills what was claimed. */
    void copy() {
        train.copyTo(buffers, written);
    }

    /** Has what was filled shown to the guest. */
    void publish() {
        if (!publication.publish(number, from, view, buffers, written, count)) {
            leftToOthers += count;
        }
    }

    /** Gives the frames that were copied back to their guest, which sees that later; returns how many. */
    int giveBack(Virtqueue transmit) {
        int gone = train.skip();
        transmit.stage(train.frames(), train.next() - gone, gone);
        transmit.commit(gone);
        return gone;
    }

    @Override
    public long missed() {
        return missed;
    }

    @Override
    public long leftToOthers() {
        return leftToOthers;
    }

    /** Nothing: whoever leaves something to another has seen that one at work. */
    @Override
    public void settle() {}
}

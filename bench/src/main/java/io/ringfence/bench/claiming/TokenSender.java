package io.ringfence.bench.claiming;

import io.ringfence.dataplane.delivery.Claim;
import io.ringfence.vhostuser.virtqueue.BufferBatch;
import io.ringfence.vhostuser.virtqueue.SplitVirtqueue;
import io.ringfence.vhostuser.virtqueue.Virtqueue;

/**
 * The switch's claim, held for a batch, around the very copy loop of {@link ClaimingSender}: what differs between these two is the
 * claiming alone. There is no handoff: who finds the claim taken leaves its frames where they are.
 */
final class TokenSender implements Sender {
    private final int holder;
    private final Shared shared;
    private final Train train = new Train();
    private long missed;

    /** What the claim guards. */
    static final class Shared {
        private final Claim claim = new Claim();
        private final SplitVirtqueue queue;
        private final boolean mergeable;
        private final BufferBatch buffers = new BufferBatch();
        private final int[] written = new int[BufferBatch.CAPACITY];
        private int ready;

        Shared(SharedQueue queue, boolean mergeable) {
            this.queue = queue.view();
            this.mergeable = mergeable;
        }

        /** Copies the next frames; returns how many. */
        private int fill(Train train) {
            if (ready == 0) {
                ready = queue.available();
            }
            if (ready == 0 || queue.peekPlain(ready, true, Train.HEADER_LENGTH + Long.BYTES * 2, buffers) == 0) {
                return 0;
            }
            int count = train.plan(buffers, mergeable);
            if (count == 0) {
                int known = ready;
                ready = queue.available(); // a frame may need more buffers than were there
                return ready > known ? fill(train) : 0;
            }
            train.copyTo(buffers, written);
            queue.stage(buffers, 0, count);
            queue.commit(count);
            ready -= count;
            return train.skip();
        }
    }

    /** @param number unique among the senders of the queue */
    TokenSender(int number, Shared shared) {
        holder = Claim.strangeHolder(number);
        this.shared = shared;
    }

    @Override
    public int send(Virtqueue transmit) {
        int ready = transmit.available();
        if (ready == 0) {
            return 0;
        }
        train.read(transmit, Math.min(ready, BATCH));
        if (!shared.claim.tryAcquire(holder)) {
            missed++;
            return 0;
        }
        int taken = 0;
        int gone = 1;
        while (!train.isEmpty() && gone > 0) {
            gone = shared.fill(train);
            transmit.stage(train.frames(), train.next() - gone, gone);
            transmit.commit(gone);
            taken += gone;
        }
        if (taken > 0 && shared.queue.publish()) {
            shared.queue.call();
        }
        shared.claim.release();
        if (taken > 0 && transmit.publish()) {
            transmit.call();
        }
        return taken;
    }

    @Override
    public long missed() {
        return missed;
    }

    @Override
    public long leftToOthers() {
        return 0;
    }

    @Override
    public void settle() {}
}

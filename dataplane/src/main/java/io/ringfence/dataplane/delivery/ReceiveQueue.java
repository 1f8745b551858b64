package io.ringfence.dataplane.delivery;

import io.ringfence.vhostuser.virtqueue.BufferBatch;
import io.ringfence.vhostuser.virtqueue.Virtqueue;

/** One enabled receive queue of a VM; whoever holds the VM's claim owns it. */
public final class ReceiveQueue {
    final Virtqueue virtqueue;
    final int headerLength;
    final boolean mergeable;
    /** Chains known to be available; counted again only when they are used up, to spare the guest's cache line. */
    int ready;
    /** Plain chains read ahead; those from {@link #aheadNext} on are the queue's next ones. */
    final BufferBatch ahead = new BufferBatch();

    int aheadNext;
    /** Whether frames were put in since the last publish. */
    boolean touched;

    /**
     * @param headerLength bytes of the virtio-net header: 12, or 10 for a legacy driver
     * @param mergeable whether a frame may span several chains (MRG_RXBUF)
     */
    public ReceiveQueue(Virtqueue virtqueue, int headerLength, boolean mergeable) {
        this.virtqueue = virtqueue;
        this.headerLength = headerLength;
        this.mergeable = mergeable;
    }

    /** The queue itself. */
    public Virtqueue virtqueue() {
        return virtqueue;
    }

    /** Reads ahead if nothing is left of the last time; false if the next chain is not there or not a plain one. */
    boolean readAhead(int minLength) {
        if (aheadNext < ahead.count()) {
            return true;
        }
        if (ready == 0) {
            ready = virtqueue.available();
        }
        aheadNext = 0;
        return virtqueue.peekPlain(ready, true, minLength, ahead) > 0;
    }

    /** Takes the first chains that were read ahead, which hold as many bytes as was noted for each. */
    void useAhead(int chains) {
        virtqueue.stage(ahead, aheadNext, chains);
        virtqueue.commit(chains);
        aheadNext += chains;
        ready -= chains;
        touched |= chains > 0;
    }

    /** Forgets what was read ahead: the next chains are about to be taken by other means. */
    void forgetAhead() {
        aheadNext = ahead.count();
    }

    /** Shows the guest what was put in, and calls it if it wants that; under the claim, while the call descriptor lives. */
    void publish() {
        if (touched) {
            touched = false;
            if (virtqueue.publish()) {
                virtqueue.call();
            }
        }
    }
}

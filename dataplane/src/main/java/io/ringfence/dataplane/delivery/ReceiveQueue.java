package io.ringfence.dataplane.delivery;

import io.ringfence.vhostuser.virtqueue.SplitVirtqueue;

/** One enabled receive queue of a VM; whoever holds the VM's claim owns it. */
public final class ReceiveQueue {
    final SplitVirtqueue virtqueue;
    final int headerLength;
    final boolean mergeable;
    /** Chains known to be available; counted again only when they are used up, to spare the guest's cache line. */
    int ready;
    /** Whether frames were put in since the last publish. */
    boolean touched;

    /**
     * @param headerLength bytes of the virtio-net header: 12, or 10 for a legacy driver
     * @param mergeable whether a frame may span several chains (MRG_RXBUF)
     */
    public ReceiveQueue(SplitVirtqueue virtqueue, int headerLength, boolean mergeable) {
        this.virtqueue = virtqueue;
        this.headerLength = headerLength;
        this.mergeable = mergeable;
    }

    /** The queue itself. */
    public SplitVirtqueue virtqueue() {
        return virtqueue;
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

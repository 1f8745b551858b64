package io.ringfence.dataplane.port;

import io.ringfence.vhostuser.virtqueue.Virtqueue;

/** One started transmit queue of a VM; owned by the VM's worker. */
final class TransmitQueue {
    final Virtqueue virtqueue;
    final int headerLength;
    /** What the guest may ask for: {@link io.ringfence.dataplane.offload.Offloads}. */
    final int offloads;
    /** "If ring is started but disabled, the back-end must process the ring without causing any side effects". */
    final boolean enabled;
    /** Index of the queue pair: the flow of its frames. */
    final int flow;

    final Arrivals arrivals;
    /** Whether the driver is to be called for what was published; it stays when a fault strikes before that. */
    private boolean callDue;

    TransmitQueue(Virtqueue virtqueue, int headerLength, int offloads) {
        this.virtqueue = virtqueue;
        this.headerLength = headerLength;
        this.offloads = offloads;
        enabled = virtqueue.setup().enabled();
        flow = virtqueue.setup().index() >> 1;
        arrivals = new Arrivals(virtqueue.nextAvailable());
    }

    /** How many frames wait; those that are new are seen now. */
    int look(long nowNanos) {
        int ready = virtqueue.available();
        if (ready > 0) {
            arrivals.saw(virtqueue.nextAvailable() + ready, nowNanos);
        }
        return ready;
    }

    /** Shows the driver what was used; {@link #callIfDue} then calls it if it wants that. */
    void publish() {
        callDue |= virtqueue.publish();
    }

    void callIfDue() {
        if (callDue) {
            callDue = false;
            virtqueue.call();
        }
    }
}

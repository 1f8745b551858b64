package io.ringfence.vhostuser.virtqueue;

import io.ringfence.vhostuser.event.EventFd;
import org.jspecify.annotations.Nullable;

/**
 * What the front-end said about one started virtqueue.
 *
 * @param index queue index: even indexes receive, odd ones transmit, as the guest sees it
 * @param sizeEntries queue size: a power of two, or any number if the queue is packed
 * @param descriptorsAddress front-end address of the descriptor table, or of a packed queue's ring
 * @param availableAddress front-end address of the available ring, or of the driver's event suppression
 * @param usedAddress front-end address of the used ring, or of the device's event suppression
 * @param base available index at which processing starts; of a packed queue place and wrap counter (bit 15), in the
 *     upper half again for used descriptors, which go to the same place when nothing is in flight
 * @param generation changes each time the queue is started again, so that its position starts from {@code base}
 * @param enabled whether the queue carries frames; a started, disabled transmit queue is emptied and its frames dropped
 * @param kick signalled by the driver when it made buffers available; null if the device must poll
 * @param call to be signalled when the driver wants to know of used buffers; null if the driver polls
 * @param error to be signalled when the queue is stopped for a fault; null if the front-end does not care
 */
public record QueueSetup(
        int index,
        int sizeEntries,
        long descriptorsAddress,
        long availableAddress,
        long usedAddress,
        int base,
        int generation,
        boolean enabled,
        @Nullable EventFd kick,
        @Nullable EventFd call,
        @Nullable EventFd error) {

    /** Whether the guest receives on this queue. */
    public boolean receives() {
        return (index & 1) == 0;
    }
}

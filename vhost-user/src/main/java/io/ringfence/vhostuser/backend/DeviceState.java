package io.ringfence.vhostuser.backend;

import io.ringfence.vhostuser.memory.GuestMemory;
import io.ringfence.vhostuser.virtqueue.Virtqueue;
import java.util.List;

/**
 * What the device behind a session is to look like: a whole description, not a change.
 *
 * @param features negotiated virtio features
 * @param memory the memory that the queues lie in
 * @param queues the started queues, by index; a stopped queue is not listed. A queue that goes on from an earlier state
 *     has the same {@code setup().generation()} there, and its position is to be carried over by
 *     {@link Virtqueue#continueFrom}
 */
public record DeviceState(long features, GuestMemory memory, List<Virtqueue> queues) {
    private static final DeviceState EMPTY = new DeviceState(0, GuestMemory.empty(), List.of());

    /** Copies the list. */
    public DeviceState {
        queues = List.copyOf(queues);
    }

    /** The state without a session: no memory, no queues. */
    public static DeviceState empty() {
        return EMPTY;
    }
}

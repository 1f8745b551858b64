package io.ringfence.vhostuser.backend;

import io.ringfence.vhostuser.memory.GuestMemory;
import io.ringfence.vhostuser.memory.MemoryRegion;
import io.ringfence.vhostuser.protocol.Features;
import io.ringfence.vhostuser.protocol.ProtocolViolation;
import io.ringfence.vhostuser.virtqueue.Virtqueue;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What the front-end of a session has said so far, and the descriptors and mappings that came with it.
 *
 * <p>Used by the session's event loop only. What a request replaces is retired: it is closed when the device has taken
 * on the state that follows.
 */
final class SessionState implements AutoCloseable {
    final DeviceOffer offer;
    final RedoLogs redoLogs;
    final List<Vring> vrings;
    private final List<Runnable> retired = new ArrayList<>();

    long features;
    long protocolFeatures;
    long status;
    GuestMemory memory = GuestMemory.empty();

    SessionState(DeviceOffer offer, RedoLogs redoLogs) {
        this.offer = offer;
        this.redoLogs = redoLogs;
        this.vrings = IntStream.range(0, 2 * offer.queuePairs())
                .mapToObj(index -> new Vring(index, this))
                .toList();
    }

    /** The virtio features offered: those of the device, and the vhost-user bit that makes the rest negotiable. */
    long offeredFeatures() {
        return offer.features() | (offer.protocolFeatures() == 0 ? 0 : Features.PROTOCOL_FEATURES);
    }

    /** "If VHOST_USER_F_PROTOCOL_FEATURES has not been negotiated, the ring starts directly in the enabled state." */
    boolean ringsStartEnabled() {
        return (features & Features.PROTOCOL_FEATURES) == 0;
    }

    boolean anyRingRuns() {
        return vrings.stream().anyMatch(Vring::runs);
    }

    /** Calls this when no thread can use the resource any more. */
    void retire(Runnable close) {
        retired.add(close);
    }

    /** The device has taken on the latest state. */
    void closeRetired() {
        while (!retired.isEmpty()) {
            retired.removeFirst().run(); // once, whatever comes of it
        }
    }

    /** Puts another memory table in place and retires the regions that only the old one has. */
    void replaceMemory(GuestMemory next) {
        for (MemoryRegion region : memory.regions()) {
            if (!next.regions().contains(region)) {
                retire(region::close);
            }
        }
        memory = next;
    }

    /**
     * "Disable all rings and reset all internal device state to the initial state" (RESET_DEVICE).
     *
     * <p>The memory table stays: with CONFIGURE_MEM_SLOTS QEMU sends only changes to it, and none after a reset. So do
     * call and error descriptors, which QEMU does not send again either, and what was negotiated about the protocol.
     */
    void reset() {
        status = 0;
        features &= Features.PROTOCOL_FEATURES;
        vrings.forEach(Vring::reset);
    }

    /** The device as it is to be now. */
    DeviceState deviceState() throws ProtocolViolation {
        List<Virtqueue> queues = new ArrayList<>();
        for (Vring vring : vrings) {
            Virtqueue queue = vring.view();
            if (queue != null) {
                queues.add(queue);
            }
        }
        return new DeviceState(features, memory, queues);
    }

    /** Closes everything; only when the device has taken on the empty state. */
    @Override
    public void close() {
        vrings.forEach(Vring::forget);
        replaceMemory(GuestMemory.empty());
        closeRetired();
    }
}

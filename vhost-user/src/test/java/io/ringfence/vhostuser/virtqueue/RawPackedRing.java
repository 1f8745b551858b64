package io.ringfence.vhostuser.virtqueue;

import static io.ringfence.vhostuser.virtqueue.DescriptorLayout.DESCRIPTOR_F_NEXT;
import static io.ringfence.vhostuser.virtqueue.DescriptorLayout.DESCRIPTOR_LENGTH;
import static io.ringfence.vhostuser.virtqueue.PackedLayout.*;

import io.ringfence.vhostuser.protocol.Features;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/** The ring of a packed queue, into which a driver writes whatever it is told. */
final class RawPackedRing extends RawDriver {
    final long ring = descriptorArea;
    final long driverEvent = driverArea;
    final long deviceEvent = deviceArea;
    /** Where the next descriptor goes. */
    int position;

    RawPackedRing() {
        this(SIZE);
    }

    RawPackedRing(int size) {
        super(size, 1 << 20, EVENT_LENGTH, EVENT_LENGTH);
    }

    /** Writes the next descriptor with the flags that make it available, and others. */
    void offer(long address, long length, int id, int flags) {
        descriptor(slot(position, size), address, length, id, flags | availableFlags(position, size));
        position = advance(position, 1, size);
    }

    /** Offers this buffer as a chain of one descriptor. */
    void offer(int id, int flags) {
        offer(address(buffer + 64L * (id % 64)), 64, id, flags);
    }

    /** Offers a chain of so many descriptors, of 10, 20 bytes and so on; only the last one's id counts. */
    void offerList(int id, int descriptors) {
        for (int i = 1; i <= descriptors; i++) {
            boolean last = i == descriptors;
            offer(address(buffer + 100L * i), 10L * i, last ? id : 99, last ? 0 : DESCRIPTOR_F_NEXT);
        }
    }

    void descriptor(int slot, long address, long length, int id, int flags) {
        write(ring + (long) DESCRIPTOR_LENGTH * slot, address, length, id, flags);
    }

    void entry(int number, long address, long length, int flags) {
        write(table + (long) DESCRIPTOR_LENGTH * number, address, length, 0, flags);
    }

    int flags(int slot) {
        return memory.segment().get(ValueLayout.JAVA_SHORT, ring + 16L * slot + 14) & 0xffff;
    }

    int id(int slot) {
        return memory.segment().get(ValueLayout.JAVA_SHORT, ring + 16L * slot + 12) & 0xffff;
    }

    int length(int slot) {
        return memory.segment().get(ValueLayout.JAVA_INT, ring + 16L * slot + 8);
    }

    /** Whether the driver would see the descriptor at this position used. */
    boolean used(int at) {
        return (flags(slot(at, size)) & DESCRIPTOR_OWNER_MASK) == usedFlags(at, size);
    }

    /** Says how the driver wants to be called. */
    void wish(int flags, int offsetAndWrap) {
        memory.segment().set(ValueLayout.JAVA_INT, driverEvent, flags << EVENT_FLAGS_SHIFT | offsetAndWrap);
    }

    /** How the device wants to be kicked. */
    int deviceWish() {
        return memory.segment().get(ValueLayout.JAVA_INT, deviceEvent);
    }

    /** A transmit queue. */
    QueueSetup setup() {
        return setup(1, PackedLayout.base(position, size));
    }

    QueueSetup setup(int index, int base) {
        return setup(index, size, ring, driverEvent, deviceEvent, base);
    }

    @Override
    PackedVirtqueue device(long features) {
        return new PackedVirtqueue(setup(), mapped(), features | Features.RING_PACKED);
    }

    PackedVirtqueue receiver(long features) {
        return new PackedVirtqueue(
                setup(0, PackedLayout.base(position, size)), mapped(), features | Features.RING_PACKED);
    }

    /** All memory but how the device wants to be kicked. */
    @Override
    byte[] contents() {
        byte[] bytes = memory.segment().toArray(ValueLayout.JAVA_BYTE);
        Arrays.fill(bytes, (int) deviceEvent, (int) deviceEvent + EVENT_LENGTH, (byte) 0);
        return bytes;
    }
}

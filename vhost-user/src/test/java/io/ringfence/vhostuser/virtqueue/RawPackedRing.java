package io.ringfence.vhostuser.virtqueue;

import static io.ringfence.vhostuser.virtqueue.DescriptorLayout.DESCRIPTOR_LENGTH;
import static io.ringfence.vhostuser.virtqueue.DescriptorLayout.descriptorsLength;
import static io.ringfence.vhostuser.virtqueue.PackedLayout.*;

import io.ringfence.vhostuser.event.EventFd;
import io.ringfence.vhostuser.frontend.SharedMemory;
import io.ringfence.vhostuser.memory.GuestMemory;
import io.ringfence.vhostuser.memory.MemoryRegion;
import io.ringfence.vhostuser.protocol.Features;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/** A driver without scruples: writes whatever it is told into the ring of one packed queue. */
final class RawPackedRing implements AutoCloseable {
    static final int SIZE = 8;
    private static final int LENGTH_BYTES = 1 << 20;

    final SharedMemory memory = SharedMemory.create(LENGTH_BYTES);
    final long ring;
    final long driverEvent;
    final long deviceEvent;
    /** Offset of 4096 bytes for buffers. */
    final long buffer;
    /** Offset of room for a table of 4096 descriptors. */
    final long table;

    final EventFd call = EventFd.create();
    final EventFd error = EventFd.create();
    final int size;
    private final GuestMemory mapped;
    /** Where the next descriptor goes. */
    int position;

    RawPackedRing() {
        this(SIZE);
    }

    RawPackedRing(int size) {
        this.size = size;
        ring = memory.allocate(descriptorsLength(size), 64);
        driverEvent = memory.allocate(EVENT_LENGTH, 64);
        deviceEvent = memory.allocate(EVENT_LENGTH, 64);
        buffer = memory.allocate(4096, 64);
        table = memory.allocate(4096L * DESCRIPTOR_LENGTH, 64);
        mapped = RawRing.map(memory, 0, LENGTH_BYTES);
    }

    GuestMemory mapped() {
        return mapped;
    }

    /** Address that a descriptor needs to point at this offset. */
    long address(long offset) {
        return memory.guestAddress(offset);
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

    void descriptor(int slot, long address, long length, int id, int flags) {
        write(ring + (long) DESCRIPTOR_LENGTH * slot, address, length, id, flags);
    }

    void entry(int number, long address, long length, int flags) {
        write(table + (long) DESCRIPTOR_LENGTH * number, address, length, 0, flags);
    }

    private void write(long offset, long address, long length, int id, int flags) {
        MemorySegment segment = memory.segment();
        segment.set(ValueLayout.JAVA_LONG, offset, address);
        segment.set(ValueLayout.JAVA_INT, offset + 8, (int) length);
        segment.set(ValueLayout.JAVA_SHORT, offset + 12, (short) id);
        segment.set(ValueLayout.JAVA_SHORT, offset + 14, (short) flags);
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

    QueueSetup setup(int index, int entries, long ringOffset, long driverOffset, long deviceOffset, int base) {
        return new QueueSetup(
                index,
                entries,
                memory.userAddress(ringOffset),
                memory.userAddress(driverOffset),
                memory.userAddress(deviceOffset),
                base,
                1,
                true,
                null,
                call,
                error);
    }

    PackedVirtqueue device(long features) {
        return new PackedVirtqueue(setup(), mapped, features | Features.RING_PACKED);
    }

    PackedVirtqueue receiver(long features) {
        return new PackedVirtqueue(
                setup(0, PackedLayout.base(position, size)), mapped, features | Features.RING_PACKED);
    }

    /** All memory but how the device wants to be kicked. */
    byte[] contents() {
        byte[] bytes = memory.segment().toArray(ValueLayout.JAVA_BYTE);
        Arrays.fill(bytes, (int) deviceEvent, (int) deviceEvent + EVENT_LENGTH, (byte) 0);
        return bytes;
    }

    @Override
    public void close() {
        mapped.regions().forEach(MemoryRegion::close);
        memory.close();
        call.close();
        error.close();
    }
}

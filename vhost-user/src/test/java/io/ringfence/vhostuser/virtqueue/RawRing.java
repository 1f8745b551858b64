package io.ringfence.vhostuser.virtqueue;

import static io.ringfence.vhostuser.virtqueue.DescriptorLayout.*;
import static io.ringfence.vhostuser.virtqueue.SplitLayout.*;

import io.ringfence.vhostuser.event.EventFd;
import io.ringfence.vhostuser.frontend.SharedMemory;
import io.ringfence.vhostuser.memory.GuestMemory;
import io.ringfence.vhostuser.memory.MemoryRegion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.stream.IntStream;

/** A driver without scruples: writes whatever it is told into the rings of one queue. */
final class RawRing implements AutoCloseable {
    static final int SIZE = 8;
    static final long INDIRECT_DESC = 1L << 28;
    static final long EVENT_IDX = 1L << 29;
    static final int NEXT = DESCRIPTOR_F_NEXT;
    static final int WRITE = DESCRIPTOR_F_WRITE;
    static final int INDIRECT = DESCRIPTOR_F_INDIRECT;

    final SharedMemory memory;
    final long descriptors;
    final long available;
    final long used;
    /** Offset of 4096 bytes for buffers. */
    final long buffer;
    /** Offset of room for a table of 4096 descriptors. */
    final long table;

    final EventFd call = EventFd.create();
    final EventFd error = EventFd.create();
    private final int sizeEntries;
    private final GuestMemory mapped;
    private int index;

    RawRing() {
        this(SIZE, 1 << 20);
    }

    RawRing(int sizeEntries, long lengthBytes) {
        this.sizeEntries = sizeEntries;
        memory = SharedMemory.create(lengthBytes);
        descriptors = memory.allocate(descriptorsLength(sizeEntries), 64);
        available = memory.allocate(availableLength(sizeEntries), 64);
        used = memory.allocate(usedLength(sizeEntries), 64);
        buffer = memory.allocate(4096, 64);
        table = memory.allocate(4096L * DESCRIPTOR_LENGTH, 64);
        mapped = map(memory, 0, lengthBytes);
    }

    /** Maps the memory as regions that end at these offsets; the first number is where the first one starts. */
    static GuestMemory map(SharedMemory memory, long... bounds) {
        List<MemoryRegion> regions = IntStream.range(1, bounds.length)
                .mapToObj(i -> region(memory, bounds[i - 1], bounds[i]))
                .toList();
        return new GuestMemory(regions);
    }

    static MemoryRegion region(SharedMemory memory, long start, long end) {
        try {
            return MemoryRegion.map(
                    memory.duplicateFd(), memory.guestAddress(start), end - start, memory.userAddress(start), start);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    GuestMemory mapped() {
        return mapped;
    }

    /** Address that a descriptor needs to point at this offset. */
    long address(long offset) {
        return memory.guestAddress(offset);
    }

    void descriptor(int number, long address, long length, int flags, int next) {
        write(descriptors + (long) DESCRIPTOR_LENGTH * number, address, length, flags, next);
    }

    void entry(int number, long address, long length, int flags, int next) {
        write(table + (long) DESCRIPTOR_LENGTH * number, address, length, flags, next);
    }

    private void write(long offset, long address, long length, int flags, int next) {
        MemorySegment segment = memory.segment();
        segment.set(ValueLayout.JAVA_LONG_UNALIGNED, offset, address);
        segment.set(ValueLayout.JAVA_INT_UNALIGNED, offset + 8, (int) length);
        segment.set(ValueLayout.JAVA_SHORT_UNALIGNED, offset + 12, (short) flags);
        segment.set(ValueLayout.JAVA_SHORT_UNALIGNED, offset + 14, (short) next);
    }

    /** Makes these heads available, whatever they are. */
    void offer(int... heads) {
        for (int head : heads) {
            long offset = available + AVAILABLE_RING_OFFSET + 2L * (index++ & (sizeEntries - 1));
            memory.segment().set(ValueLayout.JAVA_SHORT, offset, (short) head);
        }
        availableIndex(index);
    }

    void availableIndex(int value) {
        index = value;
        memory.segment().set(ValueLayout.JAVA_SHORT, available + AVAILABLE_INDEX_OFFSET, (short) value);
    }

    short readShort(long offset) {
        return memory.segment().get(ValueLayout.JAVA_SHORT, offset);
    }

    void writeShort(long offset, int value) {
        memory.segment().set(ValueLayout.JAVA_SHORT, offset, (short) value);
    }

    int readInt(long offset) {
        return memory.segment().get(ValueLayout.JAVA_INT, offset);
    }

    QueueSetup setup() {
        return setup(sizeEntries, descriptors, available, used, 0);
    }

    QueueSetup setup(int size, long descriptorsOffset, long availableOffset, long usedOffset, int base) {
        return new QueueSetup(
                1,
                size,
                memory.userAddress(descriptorsOffset),
                memory.userAddress(availableOffset),
                memory.userAddress(usedOffset),
                base,
                1,
                true,
                null,
                call,
                error);
    }

    SplitVirtqueue device(long features) {
        return new SplitVirtqueue(setup(), mapped, features);
    }

    byte[] contents() {
        return memory.segment().asSlice(0, 1 << 20).toArray(ValueLayout.JAVA_BYTE);
    }

    @Override
    public void close() {
        mapped.regions().forEach(MemoryRegion::close);
        memory.close();
        call.close();
        error.close();
    }
}

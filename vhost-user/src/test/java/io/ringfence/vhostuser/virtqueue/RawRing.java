package io.ringfence.vhostuser.virtqueue;

import static io.ringfence.vhostuser.virtqueue.DescriptorLayout.*;
import static io.ringfence.vhostuser.virtqueue.SplitLayout.*;

import java.lang.foreign.ValueLayout;

/** The rings of a split queue, into which a driver writes whatever it is told. */
final class RawRing extends RawDriver {
    static final long INDIRECT_DESC = 1L << 28;
    static final long EVENT_IDX = 1L << 29;
    static final int NEXT = DESCRIPTOR_F_NEXT;
    static final int WRITE = DESCRIPTOR_F_WRITE;
    static final int INDIRECT = DESCRIPTOR_F_INDIRECT;

    final long descriptors = descriptorArea;
    final long available = driverArea;
    final long used = deviceArea;
    private int index;

    RawRing() {
        this(SIZE, 1 << 20);
    }

    RawRing(int size, long lengthBytes) {
        super(size, lengthBytes, availableLength(size), usedLength(size));
    }

    void descriptor(int number, long address, long length, int flags, int next) {
        write(descriptors + (long) DESCRIPTOR_LENGTH * number, address, length, flags, next);
    }

    void entry(int number, long address, long length, int flags, int next) {
        write(table + (long) DESCRIPTOR_LENGTH * number, address, length, flags, next);
    }

    /** Makes these heads available, whatever they are. */
    void offer(int... heads) {
        for (int head : heads) {
            long offset = available + AVAILABLE_RING_OFFSET + 2L * (index++ & (size - 1));
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
        return setup(size, descriptors, available, used, 0);
    }

    QueueSetup setup(int entries, long descriptorsOffset, long availableOffset, long usedOffset, int base) {
        return setup(1, entries, descriptorsOffset, availableOffset, usedOffset, base);
    }

    @Override
    SplitVirtqueue device(long features) {
        return new SplitVirtqueue(setup(), mapped(), features);
    }

    @Override
    byte[] contents() {
        return memory.segment().asSlice(0, 1 << 20).toArray(ValueLayout.JAVA_BYTE);
    }
}

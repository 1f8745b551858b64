package io.ringfence.bench.micro;

import static io.ringfence.vhostuser.virtqueue.DescriptorLayout.*;
import static io.ringfence.vhostuser.virtqueue.SplitLayout.*;

import io.ringfence.vhostuser.frontend.SharedMemory;
import io.ringfence.vhostuser.linux.FileDescriptors;
import io.ringfence.vhostuser.memory.GuestMemory;
import io.ringfence.vhostuser.memory.MemoryRegion;
import io.ringfence.vhostuser.virtqueue.QueueSetup;
import io.ringfence.vhostuser.virtqueue.SplitVirtqueue;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;

/**
 * A virtqueue whose driver does next to nothing: all descriptors are written once, and chains are made available again by
 * counting the available index up. So what is measured is the device's side alone.
 */
final class BareRing {
    static final int SIZE_ENTRIES = 256;
    static final long FEATURES = 1L << 32 | 1L << 29; // VERSION_1, EVENT_IDX

    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int BUFFER_LENGTH = 2048;
    private static final int FRAME_LENGTH = 12 + 64;

    private final SharedMemory memory = SharedMemory.create(2 << 20);
    private final MemorySegment segment = memory.segment();
    private final long available = memory.allocate(availableLength(SIZE_ENTRIES), 2);
    private final SplitVirtqueue queue;
    private int availableIndex;

    /** @param descriptorsPerChain a divisor of the queue size */
    BareRing(int descriptorsPerChain) {
        try {
            queue = queue(descriptorsPerChain);
        } catch (RuntimeException | Error e) {
            memory.close();
            throw e;
        }
        queue.disarm();
    }

    private SplitVirtqueue queue(int descriptorsPerChain) {
        long descriptors = memory.allocate(descriptorsLength(SIZE_ENTRIES), 16);
        long used = memory.allocate(usedLength(SIZE_ENTRIES), 4);
        long buffers = memory.allocate((long) SIZE_ENTRIES * BUFFER_LENGTH, 64);
        for (int i = 0; i < SIZE_ENTRIES; i++) {
            boolean last = (i + 1) % descriptorsPerChain == 0;
            long flagsAndNext = last ? 0 : (long) (i + 1) << 48 | (long) DESCRIPTOR_F_NEXT << 32;
            long descriptor = descriptors + (long) DESCRIPTOR_LENGTH * i;
            segment.set(LONG, descriptor, memory.guestAddress(buffers + (long) BUFFER_LENGTH * i));
            segment.set(LONG, descriptor + DESCRIPTOR_LENGTH_FLAGS_NEXT_OFFSET, flagsAndNext | FRAME_LENGTH);
            int head = i * descriptorsPerChain % SIZE_ENTRIES;
            segment.set(SHORT, available + AVAILABLE_RING_OFFSET + 2L * i, (short) head);
        }
        MemoryRegion region = region(memory, 0, memory.lengthBytes());
        try {
            return new SplitVirtqueue(
                    new QueueSetup(
                            1,
                            SIZE_ENTRIES,
                            memory.userAddress(descriptors),
                            memory.userAddress(available),
                            memory.userAddress(used),
                            0,
                            1,
                            true,
                            null,
                            null,
                            null),
                    new GuestMemory(List.of(region)),
                    FEATURES);
        } catch (RuntimeException | Error e) {
            region.close();
            throw e;
        }
    }

    /** A part of a guest's memory as the device maps it. */
    static MemoryRegion region(SharedMemory memory, long start, long lengthBytes) {
        try (FileDescriptors own = new FileDescriptors()) {
            own.add(memory.duplicateFd());
            MemoryRegion region = MemoryRegion.map(
                    own.first(), memory.guestAddress(start), lengthBytes, memory.userAddress(start), start);
            int ignored = own.takeFirst();
            return region;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The device's side. */
    SplitVirtqueue queue() {
        return queue;
    }

    /** Makes so many more chains available. */
    void offer(int chains) {
        availableIndex += chains;
        segment.set(SHORT, available + AVAILABLE_INDEX_OFFSET, (short) availableIndex);
    }
}

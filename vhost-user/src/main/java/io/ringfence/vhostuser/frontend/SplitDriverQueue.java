package io.ringfence.vhostuser.frontend;

import static io.ringfence.vhostuser.virtqueue.DescriptorLayout.*;
import static io.ringfence.vhostuser.virtqueue.SplitLayout.*;

import io.ringfence.vhostuser.event.EventFd;
import io.ringfence.vhostuser.virtqueue.QueueSetup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/** The driver side of the three rings of one split virtqueue (VIRTIO 1.3, section 2.7). */
final class SplitDriverQueue extends DriverQueue {
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle SHORT_HANDLE = SHORT.varHandle();

    private final long descriptors;
    private final long available;
    private final long used;
    private final int mask;

    private int nextAvailable;
    private int publishedAvailable;
    private int nextUsed;
    private boolean armed;

    SplitDriverQueue(SharedMemory memory, QueueOptions options, long features, EventFd kick, @Nullable EventFd call) {
        super(memory, options, features, kick, call);
        if (Integer.bitCount(sizeEntries) != 1) {
            throw new IllegalArgumentException(
                    "size=%d: expected a power of two, or negotiate RING_PACKED".formatted(sizeEntries));
        }
        mask = sizeEntries - 1;
        descriptors = memory.allocate(descriptorsLength(sizeEntries), CACHE_LINE_LENGTH);
        available = memory.allocate(availableLength(sizeEntries), CACHE_LINE_LENGTH);
        used = memory.allocate(usedLength(sizeEntries), CACHE_LINE_LENGTH);
        int base = options.base();
        nextAvailable = base;
        publishedAvailable = base;
        nextUsed = base;
        segment.set(SHORT, available + AVAILABLE_INDEX_OFFSET, (short) base);
        segment.set(SHORT, used + USED_INDEX_OFFSET, (short) base);
        segment.set(SHORT, used + availableEventOffset(sizeEntries), (short) base);
        suppressCalls();
    }

    @Override
    BufferSlots slots(QueueOptions options, long features, boolean writable) {
        return new SplitBufferSlots(memory, descriptors, options, features, writable);
    }

    @Override
    void post(int head) {
        segment.set(SHORT, available + AVAILABLE_RING_OFFSET + 2L * (nextAvailable & mask), (short) head);
        nextAvailable = (nextAvailable + 1) & 0xffff;
    }

    @Override
    void publish() {
        int before = publishedAvailable;
        int after = nextAvailable;
        if (before == after) {
            return;
        }
        SHORT_HANDLE.setRelease(segment, available + AVAILABLE_INDEX_OFFSET, (short) after);
        publishedAvailable = after;
        // "The driver MUST perform a suitable memory barrier before reading flags or avail_event" (2.7.13.4.1).
        VarHandle.fullFence();
        if (eventIndex
                ? crossed(segment.get(SHORT, used + availableEventOffset(sizeEntries)) & 0xffff, after, before)
                : (segment.get(SHORT, used + USED_FLAGS_OFFSET) & USED_F_NO_NOTIFY) == 0) {
            kick.signal();
        }
    }

    @Override
    int pending() {
        int index = usedIndex();
        int count = (index - nextUsed) & 0xffff;
        if (count > inFlight()) {
            throw new DeviceFaultException("used index 0x%04x is %d chains ahead of 0x%04x, but the device has only %d"
                    .formatted(index, count, nextUsed, inFlight()));
        }
        return count;
    }

    @Override
    long usedEntry() {
        return segment.get(LONG, used + USED_RING_OFFSET + (long) USED_ENTRY_LENGTH * (nextUsed & mask));
    }

    @Override
    String place() {
        int before = (nextUsed - 1) & mask;
        long entryBefore = segment.get(LONG, used + USED_RING_OFFSET + (long) USED_ENTRY_LENGTH * before);
        return "entry 0x%04x of the used ring, whose index is 0x%04x; its length is %d, the id before it %d; 0x%04x chains are made available"
                .formatted(nextUsed, usedIndex(), usedEntry() >>> 32, (int) entryBefore, publishedAvailable);
    }

    @Override
    void take() {
        nextUsed = (nextUsed + 1) & 0xffff;
    }

    @Override
    int inFlight() {
        return (publishedAvailable - nextUsed) & 0xffff;
    }

    /** The used index that the device last published. */
    private int usedIndex() {
        return (short) SHORT_HANDLE.getAcquire(segment, used + USED_INDEX_OFFSET) & 0xffff;
    }

    @Override
    public int base() {
        return usedIndex();
    }

    @Override
    public boolean arm() {
        armed = true;
        if (eventIndex) {
            segment.set(SHORT, available + usedEventOffset(sizeEntries), (short) nextUsed);
        } else {
            segment.set(SHORT, available + AVAILABLE_FLAGS_OFFSET, (short) 0);
        }
        // The device writes its index, then reads our wish; we the other way round.
        VarHandle.fullFence();
        return usedIndex() != nextUsed;
    }

    /** With EVENT_IDX the device still calls, after 65536 chains at the latest. */
    @Override
    public void disarm() {
        if (armed) {
            armed = false;
            suppressCalls();
        }
    }

    private void suppressCalls() {
        if (eventIndex) {
            segment.set(SHORT, available + usedEventOffset(sizeEntries), (short) (nextUsed - 1));
        } else {
            segment.set(SHORT, available + AVAILABLE_FLAGS_OFFSET, (short) AVAILABLE_F_NO_INTERRUPT);
        }
    }

    @Override
    public QueueSetup setup(int index) {
        return setup(index, descriptors, available, used);
    }
}

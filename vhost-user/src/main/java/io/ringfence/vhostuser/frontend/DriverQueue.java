package io.ringfence.vhostuser.frontend;

import static io.ringfence.vhostuser.virtqueue.QueueLayout.*;

import io.ringfence.vhostuser.event.EventFd;
import io.ringfence.vhostuser.protocol.Features;
import io.ringfence.vhostuser.virtqueue.QueueSetup;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * The driver side of the three rings of one split virtqueue (VIRTIO 1.3, section 2.7): it makes chains available, takes
 * used ones back, and suppresses notifications both ways.
 *
 * <p>Owned by one thread. It allocates nothing after its creation.
 */
public final class DriverQueue implements AutoCloseable {
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle SHORT_HANDLE = SHORT.varHandle();
    private static final int CACHE_LINE_LENGTH = 64;

    private final SharedMemory memory;
    private final MemorySegment segment;
    private final long descriptors;
    private final long available;
    private final long used;
    private final int sizeEntries;
    private final int mask;
    private final boolean eventIndex;
    private final EventFd kick = EventFd.create();
    private final @Nullable EventFd call;

    private int nextAvailable;
    private int publishedAvailable;
    private int nextUsed;
    private boolean armed;

    /** Allocates and initialises the rings; the device is not called until {@link #arm}. */
    DriverQueue(SharedMemory memory, QueueOptions options, long features) {
        if (options.indirect() && (features & Features.INDIRECT_DESC) == 0) {
            throw new IllegalArgumentException(
                    "indirect tables wanted, but features 0x%x lack INDIRECT_DESC: negotiate it or use chains"
                            .formatted(features));
        }
        this.memory = memory;
        segment = memory.segment();
        sizeEntries = options.sizeEntries();
        mask = sizeEntries - 1;
        eventIndex = (features & Features.EVENT_IDX) != 0;
        call = options.polled() ? null : EventFd.create();
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

    /** Offset of the descriptor table in the guest's memory. */
    long descriptors() {
        return descriptors;
    }

    /** Adds a chain to the available ring; the device sees it after the next {@link #publish}. */
    void post(int head) {
        segment.set(SHORT, available + AVAILABLE_RING_OFFSET + 2L * (nextAvailable & mask), (short) head);
        nextAvailable = (nextAvailable + 1) & 0xffff;
    }

    /** Shows the device what was posted since the last time, and kicks it if it asked for that. */
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

    /** How many chains the device has used and {@link #take} has not taken yet. */
    int pending() {
        int index = usedIndex();
        int count = (index - nextUsed) & 0xffff;
        if (count > inFlight()) {
            throw new DeviceFaultException("used index 0x%04x is %d chains ahead of 0x%04x, but the device has only %d"
                    .formatted(index, count, nextUsed, inFlight()));
        }
        return count;
    }

    /** Head (low half) and written length (high half) of the next used entry; {@link #pending} must have counted it. */
    long usedEntry() {
        return segment.get(LONG, used + USED_RING_OFFSET + (long) USED_ENTRY_LENGTH * (nextUsed & mask));
    }

    /** Goes on to the next used entry. */
    void take() {
        nextUsed = (nextUsed + 1) & 0xffff;
    }

    /** Chains that the device has and did not give back. */
    int inFlight() {
        return (publishedAvailable - nextUsed) & 0xffff;
    }

    /** The used index that the device last published: where a new session goes on, as nothing after it was used. */
    public int usedIndex() {
        return (short) SHORT_HANDLE.getAcquire(segment, used + USED_INDEX_OFFSET) & 0xffff;
    }

    /**
     * Asks to be called at the next used chain.
     *
     * @return true if one came meanwhile: look again instead of waiting
     */
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

    /** Asks not to be called; the device may still do so, after 65536 chains at the latest with EVENT_IDX. */
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

    /** Signalled when the device may have to look. */
    public EventFd kick() {
        return kick;
    }

    /** Signalled by the device when the driver asked for it; null if the queue is polled. */
    public @Nullable EventFd call() {
        return call;
    }

    /**
     * What a session tells the device about this queue: it starts at the first chain that was not used yet.
     *
     * @param index its queue index
     */
    public QueueSetup setup(int index) {
        return new QueueSetup(
                index,
                sizeEntries,
                memory.userAddress(descriptors),
                memory.userAddress(available),
                memory.userAddress(used),
                usedIndex(),
                0,
                true,
                kick,
                call,
                null);
    }

    /** Closes the descriptors; the memory stays. */
    @Override
    public void close() {
        kick.close();
        if (call != null) {
            call.close();
        }
    }
}

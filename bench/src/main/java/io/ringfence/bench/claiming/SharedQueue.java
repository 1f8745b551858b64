package io.ringfence.bench.claiming;

import static io.ringfence.vhostuser.virtqueue.SplitLayout.AVAILABLE_INDEX_OFFSET;
import static io.ringfence.vhostuser.virtqueue.SplitLayout.availableLength;

import io.ringfence.vhostuser.memory.GuestMemory;
import io.ringfence.vhostuser.virtqueue.QueueSetup;
import io.ringfence.vhostuser.virtqueue.SplitVirtqueue;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * A split receive queue whose buffers senders claim by compare-and-set on a position that the guest does not know. Any thread.
 *
 * <p>Positions count chains from the start on and never wrap, so that a claim succeeds only if nobody else has claimed since the
 * descriptors were read: what was read of chains that are nobody's is what the guest has written.
 */
final class SharedQueue {
    private static final VarHandle SHORT =
            ValueLayout.JAVA_SHORT.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();
    private static final int INDEX_MASK = 0xffff;

    private final QueueSetup setup;
    private final GuestMemory memory;
    private final long features;
    private final MemorySegment available;
    private final SharedLong claimed;

    /** A queue that has just been started. */
    SharedQueue(QueueSetup setup, GuestMemory memory, long features) {
        this.setup = setup;
        this.memory = memory;
        this.features = features;
        available = memory.translateUser(setup.availableAddress(), availableLength(setup.sizeEntries()));
        claimed = new SharedLong(setup.base() & INDEX_MASK);
    }

    int sizeEntries() {
        return setup.sizeEntries();
    }

    /** Another device's side of the rings, with a position of its own; for one owner. */
    SplitVirtqueue view() {
        return new SplitVirtqueue(setup, memory, features);
    }

    /** Position of the first chain that nobody has claimed. */
    long claimed() {
        return claimed.get();
    }

    /** Makes the chains from {@code from} on the caller's; false if somebody else has claimed since that was read. */
    boolean claim(long from, int chains) {
        return claimed.compareAndSet(from, from + chains);
    }

    /**
     * Asks the guest how far there are buffers.
     *
     * @param from where nothing was claimed a moment ago
     * @return the position behind the last available chain; {@code from} also if it has been claimed meanwhile
     * @throws IllegalStateException if the index is none that a driver may write
     */
    long availableUntil(long from) {
        int index = (short) SHORT.getAcquire(available, (long) AVAILABLE_INDEX_OFFSET) & INDEX_MASK;
        int count = (index - (int) from) & INDEX_MASK;
        if (count <= setup.sizeEntries()) {
            return from + count;
        }
        if (claimed() == from) {
            throw new IllegalStateException("available index 0x%04x is %d chains ahead of 0x%04x in a queue of %d"
                    .formatted(index, count, from & INDEX_MASK, setup.sizeEntries()));
        }
        return from;
    }
}

package io.ringfence.vhostuser.frontend;

import static io.ringfence.vhostuser.virtqueue.QueueLayout.*;

import io.ringfence.vhostuser.protocol.Features;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The buffers of one queue, each with descriptors of its own that always point at it: slot <i>i</i> is buffer <i>i</i>.
 *
 * <p>Keeps book of which slots the device has, so that it can give none back twice. Owned by the queue's thread.
 */
final class BufferSlots {
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int CACHE_LINE_LENGTH = 64;

    private final SharedMemory memory;
    private final MemorySegment segment;
    private final long queueTable;
    private final long indirectTables;
    private final long buffers;
    private final long stride;
    private final int perBuffer;
    private final int headStep;
    private final boolean single;
    private final boolean indirect;
    private final long direction;
    private final int[] describedLengths;
    private final boolean[] lent;
    private final boolean inOrder;
    private int oldestLent;

    BufferSlots(SharedMemory memory, long queueTable, QueueOptions options, long features, boolean writable) {
        this.memory = memory;
        this.queueTable = queueTable;
        segment = memory.segment();
        perBuffer = options.descriptorsPerBuffer();
        indirect = options.indirect();
        single = perBuffer == 1 && !indirect;
        headStep = indirect ? 1 : perBuffer;
        direction = writable ? DESCRIPTOR_F_WRITE : 0;
        int count = options.buffers();
        describedLengths = new int[count];
        lent = new boolean[count];
        inOrder = (features & Features.IN_ORDER) != 0;
        stride = strideBytes(options.bufferLengthBytes());
        indirectTables = indirect
                ? memory.allocate((long) DESCRIPTOR_LENGTH * perBuffer * count, DESCRIPTOR_LENGTH)
                : queueTable;
        buffers = memory.allocate(stride * count, CACHE_LINE_LENGTH);
        Arrays.setAll(describedLengths, slot -> -1);
        for (int slot = 0; slot < count; slot++) {
            segment.set(LONG, descriptor(queueTable, head(slot)), memory.guestAddress(offset(slot)));
        }
    }

    /** Distance of two buffers: an odd number of cache lines, so that their headers do not share a few cache sets. */
    static long strideBytes(int bufferLengthBytes) {
        return ((bufferLengthBytes + CACHE_LINE_LENGTH - 1L) / CACHE_LINE_LENGTH | 1) * CACHE_LINE_LENGTH;
    }

    int count() {
        return lent.length;
    }

    /** Where a slot's buffer starts. */
    long offset(int slot) {
        return buffers + slot * stride;
    }

    /** Lends a slot to the device: from now on the device may name its head in the used ring, once. */
    int lend(int slot) {
        lent[slot] = true;
        return head(slot);
    }

    /** The slot that the device named by its head, which is checked. */
    int named(int head) {
        int slot = headStep == 1 ? head : head / headStep;
        if (head < 0 || slot >= lent.length || slot * headStep != head) {
            throw new DeviceFaultException("used id %d is not the head of a chain; heads are 0 to %d in steps of %d"
                    .formatted(Integer.toUnsignedLong(head), head(lent.length - 1), headStep));
        }
        if (!lent[slot]) {
            throw new DeviceFaultException("used id %d names a chain that the device does not have".formatted(head));
        }
        if (inOrder && slot != oldestLent) {
            throw new DeviceFaultException("used id %d, expected %d, the oldest: IN_ORDER is negotiated (2.7.9)"
                    .formatted(head, head(oldestLent)));
        }
        return slot;
    }

    /** Takes a slot back from the device. */
    void giveBack(int slot) {
        lent[slot] = false;
        oldestLent = following(slot);
    }

    /** The slot after this one, in a circle. */
    int following(int slot) {
        return slot + 1 == lent.length ? 0 : slot + 1;
    }

    /** Writes the descriptors of a slot for the first bytes of its buffer. */
    void describe(int slot, int lengthBytes) {
        if (single) {
            long offset = descriptor(queueTable, slot) + DESCRIPTOR_LENGTH_FLAGS_NEXT_OFFSET;
            segment.set(LONG, offset, direction << 32 | lengthBytes);
        } else if (describedLengths[slot] != lengthBytes) {
            describedLengths[slot] = lengthBytes;
            spread(slot, lengthBytes);
        }
    }

    /** Spreads the bytes evenly, the rest into the last descriptor; fewer bytes than descriptors use fewer of these. */
    private void spread(int slot, int lengthBytes) {
        int pieces = Math.max(1, Math.min(perBuffer, lengthBytes));
        int first = indirect ? 0 : head(slot);
        long table = indirect ? indirectTables + (long) DESCRIPTOR_LENGTH * perBuffer * slot : queueTable;
        int pieceLength = lengthBytes / pieces;
        for (int i = 0; i < pieces; i++) {
            boolean last = i == pieces - 1;
            long length = last ? lengthBytes - (long) pieceLength * i : pieceLength;
            write(
                    descriptor(table, first + i),
                    memory.guestAddress(offset(slot) + (long) pieceLength * i),
                    length,
                    last ? direction : direction | DESCRIPTOR_F_NEXT,
                    last ? 0 : first + i + 1);
        }
        if (indirect) {
            long length = (long) DESCRIPTOR_LENGTH * pieces;
            write(descriptor(queueTable, slot), memory.guestAddress(table), length, DESCRIPTOR_F_INDIRECT, 0);
        }
    }

    private void write(long offset, long address, long length, long flags, long next) {
        segment.set(LONG, offset, address);
        segment.set(LONG, offset + DESCRIPTOR_LENGTH_FLAGS_NEXT_OFFSET, next << 48 | flags << 32 | length);
    }

    private int head(int slot) {
        return slot * headStep;
    }

    private static long descriptor(long table, int index) {
        return table + (long) DESCRIPTOR_LENGTH * index;
    }
}

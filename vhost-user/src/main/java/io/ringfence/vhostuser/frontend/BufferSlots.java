package io.ringfence.vhostuser.frontend;

import static io.ringfence.vhostuser.virtqueue.DescriptorLayout.DESCRIPTOR_F_WRITE;
import static io.ringfence.vhostuser.virtqueue.DescriptorLayout.DESCRIPTOR_LENGTH;

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
abstract sealed class BufferSlots permits SplitBufferSlots, PackedBufferSlots {
    static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int CACHE_LINE_LENGTH = 64;

    final SharedMemory memory;
    final MemorySegment segment;
    final int perBuffer;
    final boolean indirect;
    final long direction;
    /** For how many bytes each slot was last described. */
    final int[] describedLengths;

    private final long indirectTables;
    private final long buffers;
    private final long stride;
    private final int headStep;
    private final boolean[] lent;
    private final boolean inOrder;
    private int oldestLent;

    BufferSlots(SharedMemory memory, QueueOptions options, long features, boolean writable, int headStep) {
        this.memory = memory;
        this.headStep = headStep;
        segment = memory.segment();
        perBuffer = options.descriptorsPerBuffer();
        indirect = options.indirect();
        direction = writable ? DESCRIPTOR_F_WRITE : 0;
        int count = options.buffers();
        describedLengths = new int[count];
        lent = new boolean[count];
        inOrder = (features & Features.IN_ORDER) != 0;
        stride = strideBytes(options.bufferLengthBytes());
        indirectTables =
                indirect ? memory.allocate((long) DESCRIPTOR_LENGTH * perBuffer * count, DESCRIPTOR_LENGTH) : 0;
        buffers = memory.allocate(stride * count, CACHE_LINE_LENGTH);
        Arrays.setAll(describedLengths, slot -> -1);
    }

    /** Writes what describes a slot, for the first bytes of its buffer. */
    abstract void describe(int slot, int lengthBytes);

    /** Distance of two buffers: an odd number of cache lines, so that their headers do not share a few cache sets. */
    static long strideBytes(int bufferLengthBytes) {
        return ((bufferLengthBytes + CACHE_LINE_LENGTH - 1L) / CACHE_LINE_LENGTH | 1) * CACHE_LINE_LENGTH;
    }

    final int count() {
        return lent.length;
    }

    /** Where a slot's buffer starts. */
    final long offset(int slot) {
        return buffers + slot * stride;
    }

    /** Lends a slot to the device: from now on the device may name its head in the used ring, once. */
    final int lend(int slot) {
        lent[slot] = true;
        return head(slot);
    }

    /** The slot whose head the device named in the next used entry of this queue, which is checked. */
    final int named(DriverQueue queue) {
        int head = (int) queue.usedEntry();
        int slot = headStep == 1 ? head : head / headStep;
        if (head < 0 || slot >= lent.length || slot * headStep != head) {
            throw new DeviceFaultException("used id %d is not the head of a chain; heads are 0 to %d in steps of %d"
                    .formatted(Integer.toUnsignedLong(head), head(lent.length - 1), headStep));
        }
        if (!lent[slot]) {
            throw new DeviceFaultException(
                    "used id %d names a chain that the device does not have: %s".formatted(head, queue.place()));
        }
        if (inOrder && slot != oldestLent) {
            throw new DeviceFaultException("used id %d, expected %d, the oldest: IN_ORDER is negotiated (2.7.9)"
                    .formatted(head, head(oldestLent)));
        }
        return slot;
    }

    /** Takes a slot back from the device. */
    final void giveBack(int slot) {
        lent[slot] = false;
        oldestLent = following(slot);
    }

    /** The slot after this one, in a circle. */
    final int following(int slot) {
        return slot + 1 == lent.length ? 0 : slot + 1;
    }

    /** Over how many descriptors so many bytes are spread: fewer bytes than descriptors use fewer of these. */
    final int pieces(int lengthBytes) {
        return Math.max(1, Math.min(perBuffer, lengthBytes));
    }

    /** Address of a piece of a slot's first bytes; they are spread evenly, the rest is the last piece's. */
    final long pieceAddress(int slot, int lengthBytes, int piece) {
        return memory.guestAddress(offset(slot) + (long) (lengthBytes / pieces(lengthBytes)) * piece);
    }

    /** Length of a piece of so many bytes. */
    final long pieceLength(int lengthBytes, int piece) {
        int pieces = pieces(lengthBytes);
        int even = lengthBytes / pieces;
        return piece == pieces - 1 ? lengthBytes - (long) even * piece : even;
    }

    /** Where a slot's indirect table starts. */
    final long indirectTable(int slot) {
        return indirectTables + (long) DESCRIPTOR_LENGTH * perBuffer * slot;
    }

    final int head(int slot) {
        return slot * headStep;
    }
}

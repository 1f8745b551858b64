package io.ringfence.dataplane.path;

import static io.ringfence.vhostuser.virtqueue.DescriptorLayout.*;
import static io.ringfence.vhostuser.virtqueue.SplitLayout.*;

import io.ringfence.vhostuser.frontend.SharedMemory;
import io.ringfence.vhostuser.virtqueue.QueueSetup;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;

/** A driver that lays out each chain as the test says, good or bad; the device must use chains in order. */
final class RawQueue {
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** A range of guest memory. */
    record Piece(long offset, int length) {}

    /** A chain that the device has used. */
    record Used(List<Piece> pieces, int writtenBytes) {}

    private record Posted(int head, List<Piece> pieces) {}

    private final SharedMemory memory;
    private final MemorySegment segment;
    final int size;
    final long descriptors;
    final long available;
    final long used;
    private final Queue<Posted> posted = new ArrayDeque<>();
    private int nextDescriptor;
    private int nextAvailable;
    private int nextUsed;

    RawQueue(SharedMemory memory, int size) {
        this.memory = memory;
        this.size = size;
        segment = memory.segment();
        descriptors = memory.allocate(descriptorsLength(size), 64);
        available = memory.allocate(availableLength(size), 64);
        used = memory.allocate(usedLength(size), 64);
    }

    QueueSetup setup(int index, int generation, boolean enabled) {
        return new QueueSetup(
                index,
                size,
                memory.userAddress(descriptors),
                memory.userAddress(available),
                memory.userAddress(used),
                nextUsed & 0xffff,
                generation,
                enabled,
                null,
                null,
                null);
    }

    /** Makes a chain of these pieces available. */
    void post(boolean writable, Piece... pieces) {
        int head = nextDescriptor;
        for (int i = 0; i < pieces.length; i++) {
            int index = nextDescriptor;
            nextDescriptor = (nextDescriptor + 1) % size;
            boolean last = i == pieces.length - 1;
            describe(descriptors + 16L * index, pieces[i], flags(writable, last), last ? 0 : nextDescriptor);
        }
        offer(head, List.of(pieces));
    }

    /** Makes a chain in an indirect table available. */
    void postIndirect(boolean writable, Piece... pieces) {
        long table = memory.allocate(16L * pieces.length, 16);
        for (int i = 0; i < pieces.length; i++) {
            boolean last = i == pieces.length - 1;
            describe(table + 16L * i, pieces[i], flags(writable, last), last ? 0 : i + 1);
        }
        int head = nextDescriptor;
        nextDescriptor = (nextDescriptor + 1) % size;
        describe(descriptors + 16L * head, new Piece(table, 16 * pieces.length), DESCRIPTOR_F_INDIRECT, 0);
        offer(head, List.of(pieces));
    }

    /** Makes a head available that need not exist. */
    void postHead(int head) {
        offer(head, List.of());
    }

    private static int flags(boolean writable, boolean last) {
        return (writable ? DESCRIPTOR_F_WRITE : 0) | (last ? 0 : DESCRIPTOR_F_NEXT);
    }

    private void describe(long at, Piece piece, int flags, int next) {
        segment.set(LONG, at, memory.guestAddress(piece.offset()));
        segment.set(INT, at + 8, piece.length());
        segment.set(SHORT, at + 12, (short) flags);
        segment.set(SHORT, at + 14, (short) next);
    }

    private void offer(int head, List<Piece> pieces) {
        segment.set(SHORT, available + AVAILABLE_RING_OFFSET + 2L * (nextAvailable & (size - 1)), (short) head);
        nextAvailable++;
        segment.set(SHORT, available + AVAILABLE_INDEX_OFFSET, (short) nextAvailable);
        posted.add(new Posted(head, pieces));
    }

    /** Chains that the device has not given back. */
    int inFlight() {
        return (nextAvailable - (segment.get(SHORT, used + USED_INDEX_OFFSET) & 0xffff)) & 0xffff;
    }

    /** Chains that the device has given back and nobody has taken. */
    int pending() {
        return ((segment.get(SHORT, used + USED_INDEX_OFFSET) & 0xffff) - nextUsed) & 0xffff;
    }

    /** Takes the next used chain. */
    Used take() {
        long entry = used + USED_RING_OFFSET + 8L * (nextUsed & (size - 1));
        nextUsed++;
        Posted chain = posted.remove();
        if (segment.get(INT, entry) != chain.head()) {
            throw new AssertionError(
                    "the device used chain %d, expected %d".formatted(segment.get(INT, entry), chain.head()));
        }
        return new Used(chain.pieces(), segment.get(INT, entry + 4));
    }
}

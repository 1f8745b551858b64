package io.ringfence.vhostuser.frontend;

import static io.ringfence.vhostuser.virtqueue.DescriptorLayout.*;
import static io.ringfence.vhostuser.virtqueue.PackedLayout.DESCRIPTOR_LENGTH_ID_FLAGS_OFFSET;

/**
 * Buffers whose descriptors are written into the ring of a packed virtqueue each time they are posted (VIRTIO 1.3,
 * section 2.8.6); the slot is the buffer id.
 */
final class PackedBufferSlots extends BufferSlots {
    PackedBufferSlots(SharedMemory memory, QueueOptions options, long features, boolean writable) {
        super(memory, options, features, writable, 1);
    }

    @Override
    void describe(int slot, int lengthBytes) {
        if (describedLengths[slot] != lengthBytes) {
            describedLengths[slot] = lengthBytes;
            if (indirect) {
                fillTable(slot, lengthBytes);
            }
        }
    }

    /** An indirect table in which only WRITE is a valid flag: the table's length says where it ends (section 2.8.7). */
    private void fillTable(int slot, int lengthBytes) {
        for (int i = 0; i < pieces(lengthBytes); i++) {
            long offset = indirectTable(slot) + (long) DESCRIPTOR_LENGTH * i;
            segment.set(LONG, offset, pieceAddress(slot, lengthBytes, i));
            segment.set(
                    LONG, offset + DESCRIPTOR_LENGTH_ID_FLAGS_OFFSET, direction << 48 | pieceLength(lengthBytes, i));
        }
    }

    /** Bytes that the slot was last described for. */
    int lengthBytes(int slot) {
        return describedLengths[slot];
    }

    /** How many descriptors of the ring the slot takes. */
    int descriptors(int slot) {
        return indirect ? 1 : pieces(describedLengths[slot]);
    }

    /** Address in one of these descriptors. */
    long address(int slot, int descriptor) {
        return indirect
                ? memory.guestAddress(indirectTable(slot))
                : pieceAddress(slot, describedLengths[slot], descriptor);
    }

    /** Length in one of these descriptors. */
    long length(int slot, int descriptor) {
        int described = describedLengths[slot];
        return indirect ? (long) DESCRIPTOR_LENGTH * pieces(described) : pieceLength(described, descriptor);
    }

    /** Flags of each of these descriptors, without NEXT. */
    long flags() {
        return indirect ? DESCRIPTOR_F_INDIRECT : direction;
    }
}

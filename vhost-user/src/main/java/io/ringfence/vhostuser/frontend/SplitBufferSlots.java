package io.ringfence.vhostuser.frontend;

import static io.ringfence.vhostuser.virtqueue.DescriptorLayout.*;
import static io.ringfence.vhostuser.virtqueue.SplitLayout.*;

/** Buffers described in the descriptor table of a split virtqueue (VIRTIO 1.3, section 2.7.5), always at the same place. */
final class SplitBufferSlots extends BufferSlots {
    private final long queueTable;
    private final boolean single;

    SplitBufferSlots(SharedMemory memory, long queueTable, QueueOptions options, long features, boolean writable) {
        super(memory, options, features, writable, options.indirect() ? 1 : options.descriptorsPerBuffer());
        this.queueTable = queueTable;
        single = perBuffer == 1 && !indirect;
        for (int slot = 0; slot < count(); slot++) {
            segment.set(LONG, descriptor(queueTable, head(slot)), memory.guestAddress(offset(slot)));
        }
    }

    @Override
    void describe(int slot, int lengthBytes) {
        if (single) {
            long offset = descriptor(queueTable, slot) + DESCRIPTOR_LENGTH_FLAGS_NEXT_OFFSET;
            segment.set(LONG, offset, direction << 32 | lengthBytes);
        } else if (describedLengths[slot] != lengthBytes) {
            describedLengths[slot] = lengthBytes;
            spread(slot, lengthBytes);
        }
    }

    private void spread(int slot, int lengthBytes) {
        int pieces = pieces(lengthBytes);
        int first = indirect ? 0 : head(slot);
        long table = indirect ? indirectTable(slot) : queueTable;
        for (int i = 0; i < pieces; i++) {
            boolean last = i == pieces - 1;
            write(
                    descriptor(table, first + i),
                    pieceAddress(slot, lengthBytes, i),
                    pieceLength(lengthBytes, i),
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

    private static long descriptor(long table, int index) {
        return table + (long) DESCRIPTOR_LENGTH * index;
    }
}

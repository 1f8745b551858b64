package io.ringfence.vhostuser.virtqueue;

import io.ringfence.vhostuser.frontend.SharedMemory;
import java.util.SplittableRandom;

/** What a guest may write into a descriptor when it does not care: good often enough, at the edge otherwise. */
record RandomDescriptor(long address, long length, int flags) {
    private static final long[] LENGTHS = {0, 1, 16, 32, 48, 64, 4096, 1 << 20, 0xffff_ffffL};

    /** Points into this memory most of the time: at an indirect table, at its end or into 4096 bytes of buffers. */
    static RandomDescriptor next(SplittableRandom random, SharedMemory memory, long table, long buffer) {
        long address = switch (random.nextInt(4)) {
            case 0 -> memory.guestAddress(table);
            case 1 -> memory.guestAddress(memory.lengthBytes() - random.nextInt(64));
            case 2 -> random.nextInt(16) == 0 ? random.nextLong() : memory.guestAddress(buffer);
            default -> memory.guestAddress(buffer + random.nextInt(4096));
        };
        long length = LENGTHS[random.nextInt(LENGTHS.length)];
        return new RandomDescriptor(address, length, random.nextInt(8) & (random.nextBoolean() ? 0x5 : 0x1));
    }
}

package io.ringfence.bench.bridge;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.ringfence.vhostuser.virtqueue.BufferChain;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** The pieces of a descriptor chain behind its virtio-net header, as an array of {@code struct iovec}. */
final class FrameVector implements AutoCloseable {
    /** Length of the virtio-net header (VIRTIO 1.3, section 5.1.6, with VERSION_1). */
    static final int HEADER_LENGTH = 12;

    private static final int ENTRY_LENGTH = 16;
    private static final int LENGTH_OFFSET = 8;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment entries = arena.allocate((long) BufferChain.MAX_PIECES * ENTRY_LENGTH, 8);
    private int count;

    /** Describes a chain; returns false if it has no room behind the header. */
    boolean set(BufferChain chain) {
        int skip = HEADER_LENGTH;
        count = 0;
        for (int piece = 0; piece < chain.count(); piece++) {
            int length = chain.length(piece);
            if (skip < length) {
                long entry = (long) count * ENTRY_LENGTH;
                entries.set(JAVA_LONG, entry, chain.segment(piece).address() + chain.offset(piece) + skip);
                entries.set(JAVA_LONG, entry + LENGTH_OFFSET, length - skip);
                count++;
                skip = 0;
            } else {
                skip -= length;
            }
        }
        return count > 0;
    }

    MemorySegment entries() {
        return entries;
    }

    int count() {
        return count;
    }

    @Override
    public void close() {
        arena.close();
    }
}

package io.ringfence.vhostuser.virtqueue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A position in a chain, from which its bytes are copied, looked at or skipped one after the other.
 *
 * <p>Owned by one thread. Nobody may go beyond the end of the chain: {@link BufferChain#lengthBytes} tells where that is.
 */
public final class ChainReader {
    /** Up to this length a piece is copied byte by byte: the library's checks cost more than such a copy. */
    private static final int TINY_BYTES = 4;

    private final BufferChain chain;
    private int piece;
    private long offset;

    /** Creates one at the beginning of this chain; when that is filled anew, {@link #moveTo(int, long)} comes first. */
    public ChainReader(BufferChain chain) {
        this.chain = chain;
    }

    /** Goes to a piece of the chain and a position in it. */
    public void moveTo(int newPiece, long newOffset) {
        piece = newPiece;
        offset = newOffset;
    }

    /** Goes to where another one of the same chain is. */
    public void moveTo(ChainReader other) {
        moveTo(other.piece, other.offset);
    }

    /** The piece in which the next byte is, or the one after the last. */
    public int piece() {
        return piece;
    }

    /** Where in that piece the next byte is. */
    public long offset() {
        return offset;
    }

    /** Memory of the next byte. */
    public MemorySegment segment() {
        return chain.segment(piece);
    }

    /** Where in that memory the next byte is. */
    public long position() {
        return chain.offsets[piece] + offset;
    }

    /** How many of the next bytes, at most {@code limit}, lie together. */
    public int together(int limit) {
        return (int) Math.min(limit, chain.lengths[piece] - offset);
    }

    /** Goes on by no more bytes than lie together. */
    public void advance(int bytes) {
        offset += bytes;
        if (offset == chain.lengths[piece]) {
            piece++;
            offset = 0;
        }
    }

    /** Goes on. */
    public void skip(int length) {
        int left = length;
        while (left > 0) {
            int step = together(left);
            advance(step);
            left -= step;
        }
    }

    /** Copies the next bytes to one place, and goes on. */
    public void copy(MemorySegment to, long at, int length) {
        // Locals, not fields: after each write to memory all fields would be loaded again, references with the
        // collector's barrier.
        Object[] segments = chain.segments;
        long[] offsets = chain.offsets;
        int[] lengths = chain.lengths;
        int i = piece;
        long skipped = offset;
        long position = at;
        long end = at + length;
        while (position < end) {
            long inPiece = lengths[i] - skipped;
            int step = (int) Math.min(end - position, inPiece);
            copyPiece((MemorySegment) segments[i], offsets[i] + skipped, to, position, step);
            position += step;
            skipped += step;
            if (step == inPiece) {
                i++;
                skipped = 0;
            }
        }
        piece = i;
        offset = skipped;
    }

    private static void copyPiece(MemorySegment from, long position, MemorySegment to, long at, int length) {
        if (length > TINY_BYTES) {
            MemorySegment.copy(from, position, to, at, length);
            return;
        }
        for (int i = 0; i < length; i++) {
            to.set(ValueLayout.JAVA_BYTE, at + i, from.get(ValueLayout.JAVA_BYTE, position + i));
        }
    }
}

package io.ringfence.dataplane.delivery;

import io.ringfence.dataplane.offload.Checksum;
import io.ringfence.vhostuser.virtqueue.BufferChain;
import java.lang.foreign.MemorySegment;

/** A position in a chain, from which its bytes are copied, summed or skipped one after the other. Owned by one worker. */
final class ChainReader {
    private final BufferChain chain;
    private int piece;
    private long offset;

    ChainReader(BufferChain chain) {
        this.chain = chain;
    }

    /** Goes to a piece of the chain and a position in it. */
    void moveTo(int newPiece, long newOffset) {
        piece = newPiece;
        offset = newOffset;
    }

    /** Goes to where another one of the same chain is. */
    void moveTo(ChainReader other) {
        moveTo(other.piece, other.offset);
    }

    int piece() {
        return piece;
    }

    long offset() {
        return offset;
    }

    void skip(int length) {
        int left = length;
        while (left > 0) {
            left -= advance(step(left));
        }
    }

    void copy(MemorySegment to, long at, int length) {
        long position = at;
        int left = length;
        while (left > 0) {
            int step = step(left);
            MemorySegment.copy(chain.segment(piece), chain.offset(piece) + offset, to, position, step);
            advance(step);
            position += step;
            left -= step;
        }
    }

    /** The sum of the next bytes for a {@link Checksum}, of which the first counts as the first of a word. */
    long sum(int length) {
        long sum = 0;
        int left = length;
        while (left > 0) {
            int step = step(left);
            long part = Checksum.sum(chain.segment(piece), chain.offset(piece) + offset, step);
            sum += ((length - left) & 1) == 0 ? part : Checksum.shifted(part);
            left -= advance(step);
        }
        return sum;
    }

    private int step(int left) {
        return (int) Math.min(left, chain.length(piece) - offset);
    }

    private int advance(int step) {
        offset += step;
        if (offset == chain.length(piece)) {
            piece++;
            offset = 0;
        }
        return step;
    }
}

package io.ringfence.vhostuser.virtqueue;

import java.lang.foreign.MemorySegment;

/**
 * The buffers of one descriptor chain, translated and checked: a private copy that the driver cannot change any more.
 *
 * <p>Reused for every chain and owned by one thread. A piece is a range of one memory segment; a buffer that spans two
 * regions is two pieces.
 */
public final class BufferChain {
    /** The most pieces and descriptors a chain may have; a longer one is refused as {@link RingFault#DESCRIPTOR_LOOP}. */
    public static final int MAX_PIECES = 1024;

    final MemorySegment[] segments = new MemorySegment[MAX_PIECES];
    final long[] offsets = new long[MAX_PIECES];
    final int[] lengths = new int[MAX_PIECES];
    int count;
    int lengthBytes;
    int head;
    int descriptors;

    /** Forgets the pieces; the chain then has none. */
    public void clear() {
        count = 0;
        lengthBytes = 0;
        descriptors = 0;
    }

    /** Adds a piece; false if there are too many. */
    public boolean add(MemorySegment segment, long offset, int length) {
        int i = count;
        if (i == MAX_PIECES) {
            return false;
        }
        segments[i] = segment;
        offsets[i] = offset;
        lengths[i] = length;
        count = i + 1;
        lengthBytes += length;
        return true;
    }

    /** Makes this the chain that a batch read ahead. */
    @SuppressWarnings({"ReferenceEquality", "MemorySegmentReferenceEquality"}) // saves a store and its barrier
    public void set(BufferBatch batch, int i) {
        MemorySegment segment = batch.segment;
        if (segments[0] != segment) {
            segments[0] = segment;
        }
        int length = batch.lengths[i];
        offsets[0] = batch.offsets[i];
        lengths[0] = length;
        count = 1;
        lengthBytes = length;
        head = batch.heads[i];
        descriptors = 1;
    }

    /** Number of pieces. */
    public int count() {
        return count;
    }

    /** Sum of the pieces' lengths. */
    public int lengthBytes() {
        return lengthBytes;
    }

    /** Index of the chain's first descriptor, to be named in the used ring. */
    public int head() {
        return head;
    }

    /** Descriptors read for this chain: the measure of what it cost. */
    public int descriptors() {
        return descriptors;
    }

    /** Memory of a piece. */
    public MemorySegment segment(int piece) {
        return segments[piece];
    }

    /** Where a piece starts in its memory. */
    public long offset(int piece) {
        return offsets[piece];
    }

    /** Bytes of a piece. */
    public int length(int piece) {
        return lengths[piece];
    }
}

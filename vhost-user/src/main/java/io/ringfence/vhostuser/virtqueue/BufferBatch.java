package io.ringfence.vhostuser.virtqueue;

import java.lang.foreign.MemorySegment;

/**
 * Chains of one descriptor each, read ahead: private copies that the driver cannot change any more.
 *
 * <p>The descriptors lie in cache lines that the driver's CPU has just written. Read one after the other, with nothing in
 * between that depends on them, their transfers overlap; read one for each frame, each is waited for. Reused; owned by
 * whoever owns the queue.
 */
public final class BufferBatch {
    /** Most chains of a batch. */
    public static final int CAPACITY = 64;

    final int[] heads = new int[CAPACITY];
    final MemorySegment[] segments = new MemorySegment[CAPACITY];
    final long[] offsets = new long[CAPACITY];
    final int[] lengths = new int[CAPACITY];
    int count;

    @SuppressWarnings({"ReferenceEquality", "MemorySegmentReferenceEquality"}) // the same object is all that is asked
    void set(int i, int head, MemorySegment segment, long offset, int length) {
        heads[i] = head;
        offsets[i] = offset;
        lengths[i] = length;
        // Nearly always the same one: a look is cheaper than the collector's barrier for a store.
        if (segments[i] != segment) {
            segments[i] = segment;
        }
    }

    /** Number of chains. */
    public int count() {
        return count;
    }

    /** Index of a chain's descriptor, to be named in the used ring. */
    public int head(int i) {
        return heads[i];
    }

    /** Memory of a chain's buffer. */
    public MemorySegment segment(int i) {
        return segments[i];
    }

    /** Where a buffer starts in its memory. */
    public long offset(int i) {
        return offsets[i];
    }

    /** Bytes of a buffer. */
    public int length(int i) {
        return lengths[i];
    }
}

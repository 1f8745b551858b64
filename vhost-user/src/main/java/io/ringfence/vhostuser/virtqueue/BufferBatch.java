package io.ringfence.vhostuser.virtqueue;

import io.ringfence.vhostuser.memory.GuestMemory;
import io.ringfence.vhostuser.memory.MemoryProbe;
import java.lang.foreign.MemorySegment;

/**
 * Chains of one descriptor each in one memory region, read ahead: private copies that the driver cannot change any more.
 *
 * <p>The descriptors lie in cache lines that the driver's CPU has just written. Read one after the other, with nothing in
 * between that depends on them, their transfers overlap; read one for each frame, each is waited for. And what is done to
 * a whole batch in a short loop needs its checks and its references once. Reused; owned by whoever owns the queue.
 */
public final class BufferBatch {
    /** Most chains of a batch. */
    public static final int CAPACITY = 64;

    final int[] heads = new int[CAPACITY];
    final long[] offsets = new long[CAPACITY];
    final int[] lengths = new int[CAPACITY];
    final int[] written = new int[CAPACITY];
    MemorySegment segment = MemorySegment.NULL;
    int count;

    /** Number of chains. */
    public int count() {
        return count;
    }

    /** What names a chain when it is used: the index of its descriptor, or in a packed queue its buffer id. */
    public int head(int i) {
        return heads[i];
    }

    /** Memory in which all the buffers lie. */
    public MemorySegment segment() {
        return segment;
    }

    /** Where a buffer starts in that memory. */
    public long offset(int i) {
        return offsets[i];
    }

    /** Bytes of a buffer. */
    public int length(int i) {
        return lengths[i];
    }

    /**
     * Whether an access to one of the buffers, as far as a frame reaches, would fault. For after a fault.
     *
     * @param first the one to begin with: those before it are asked about last
     */
    public boolean faults(GuestMemory memory, MemoryProbe probe, int first, boolean write) {
        for (int i = 0; i < count && !probe.usedUp(); i++) {
            int asked = first + i < count ? first + i : first + i - count;
            int accessed = Math.min(lengths[asked], BufferChain.ACCESSED_BYTES);
            if (probe.faults(memory, segment, offsets[asked], accessed, write)) {
                return true;
            }
        }
        return false;
    }

    /** Notes how many bytes of a buffer were written, to be told in the used ring. */
    public void written(int i, int lengthBytes) {
        written[i] = lengthBytes;
    }
}

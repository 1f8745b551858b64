package io.ringfence.vhostuser.virtqueue;

import io.ringfence.vhostuser.memory.GuestMemory;
import io.ringfence.vhostuser.memory.MemoryProbe;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * The buffers of one descriptor chain, translated and checked: a private copy that the driver cannot change any more.
 *
 * <p>Reused for every chain and owned by one thread. A piece is a range of one memory segment; a buffer that spans two
 * regions is two pieces.
 */
public final class BufferChain {
    /** The most pieces and descriptors a chain may have; a longer one is refused as {@link RingFault#DESCRIPTOR_LOOP}. */
    public static final int MAX_PIECES = 1024;

    /** More than any frame with its header. */
    public static final int ACCESSED_BYTES = 128 * 1024;

    /**
     * Memory segments, in an array of objects: C2 (JDK 25) compiles a store into an array of an interface's type, where it is rare, to a
     * trap that goes off each time (array_check), and throws away all code that this is a part of.
     */
    final Object[] segments = new Object[MAX_PIECES];

    final long[] offsets = new long[MAX_PIECES];
    final int[] lengths = new int[MAX_PIECES];
    int count;
    int lengthBytes;
    int head;
    int descriptors;
    /** The region of the last buffer, in which the next one nearly always is; of no length if there is none. */
    private MemorySegment region = MemorySegment.NULL;

    private long regionAddress;
    private long regionLength;

    /** Forgets the pieces; the chain then has none. */
    public void clear() {
        count = 0;
        lengthBytes = 0;
        descriptors = 0;
        regionLength = 0;
    }

    /** Adds a piece; false if there are too many. */
    @SuppressWarnings({"ReferenceEquality", "MemorySegmentReferenceEquality"}) // saves a store and its barrier
    public boolean add(MemorySegment segment, long offset, int length) {
        int i = count;
        if (i == MAX_PIECES) {
            return false;
        }
        if (segments[i] != segment) {
            segments[i] = segment;
        }
        offsets[i] = offset;
        lengths[i] = length;
        count = i + 1;
        lengthBytes += length;
        return true;
    }

    /**
     * Adds the buffer that a descriptor names.
     *
     * @return what is wrong with it, or null
     */
    @Nullable
    RingFault append(GuestMemory memory, long address, long length) {
        if (length > Integer.MAX_VALUE - lengthBytes) {
            return RingFault.LENGTH;
        }
        if (Long.compareUnsigned(address - regionAddress, regionLength) >= 0) {
            enter(memory, address);
        }
        long offset = address - regionAddress;
        if (Long.compareUnsigned(offset, regionLength) < 0 && length <= regionLength - offset) {
            return length == 0 || add(region, offset, (int) length) ? null : RingFault.DESCRIPTOR_LOOP;
        }
        return appendAcrossRegions(memory, address, length);
    }

    @SuppressWarnings({"ReferenceEquality", "MemorySegmentReferenceEquality"}) // as in add
    private void enter(GuestMemory memory, long address) {
        int found = memory.find(address);
        if (found >= 0) {
            MemorySegment segment = memory.segment(found);
            if (region != segment) {
                region = segment;
            }
            regionAddress = memory.guestAddress(found);
            regionLength = memory.lengthBytes(found);
        }
    }

    /** A buffer that spans regions which follow each other in guest memory; a hole between them is a fault. */
    private @Nullable RingFault appendAcrossRegions(GuestMemory memory, long address, long length) {
        if (length > 0 && Long.compareUnsigned(address + length - 1, address) < 0) {
            return RingFault.LENGTH;
        }
        long position = address;
        long left = length;
        while (left > 0) {
            int region = memory.find(position);
            if (region < 0) {
                return RingFault.UNMAPPED_ADDRESS;
            }
            long offset = memory.offset(region, position);
            long piece = Math.min(left, memory.lengthBytes(region) - offset);
            if (!add(memory.segment(region), offset, (int) piece)) {
                return RingFault.DESCRIPTOR_LOOP;
            }
            position += piece;
            left -= piece;
        }
        return null;
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

    /** Whether an access to one of the pieces, as far as a frame reaches, would fault. For after a fault. */
    public boolean faults(GuestMemory memory, MemoryProbe probe, boolean write) {
        int left = ACCESSED_BYTES;
        for (int i = 0; i < count && left > 0 && !probe.usedUp(); i++) {
            int accessed = Math.min(lengths[i], left);
            if (probe.faults(memory, segment(i), offsets[i], accessed, write)) {
                return true;
            }
            left -= accessed;
        }
        return false;
    }

    /** Number of pieces. */
    public int count() {
        return count;
    }

    /** Sum of the pieces' lengths. */
    public int lengthBytes() {
        return lengthBytes;
    }

    /** What names the chain when it is used: the index of its first descriptor, or in a packed queue its buffer id. */
    public int head() {
        return head;
    }

    /** Descriptors read for this chain: the measure of what it cost. */
    public int descriptors() {
        return descriptors;
    }

    /** Memory of a piece. */
    public MemorySegment segment(int piece) {
        return (MemorySegment) segments[piece];
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

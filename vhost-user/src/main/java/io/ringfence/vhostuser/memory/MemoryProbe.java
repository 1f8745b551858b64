package io.ringfence.vhostuser.memory;

import java.lang.foreign.MemorySegment;

/**
 * Asks the kernel, after a fault, whether an access to pieces of guest memory would fault; no more than so many pieces in a time.
 *
 * <p>Each is a call to the kernel that may also bring pages in, and a guest chooses how many pieces there are, and by what it does to
 * its memory how often somebody asks. Owned by one thread.
 */
public final class MemoryProbe {
    private final int pieces;
    private final long againAfterNanos;
    private long sinceNanos;
    private int left;
    private long asked;

    /**
     * @param pieces the most to ask for
     * @param againAfterNanos when as many may be asked for again
     */
    public MemoryProbe(int pieces, long againAfterNanos) {
        this.pieces = pieces;
        this.againAfterNanos = againAfterNanos;
        left = pieces;
        sinceNanos = System.nanoTime();
    }

    /** A fault has struck; to be called before anything is asked for. */
    public void begin(long nowNanos) {
        if (nowNanos - sinceNanos >= againAfterNanos) {
            sinceNanos = nowNanos;
            left = pieces;
        }
    }

    /**
     * Whether an access to this range would fault; false also if no more may be asked.
     *
     * @param segment a region's of this memory, or of one; what is of no region does not fault
     */
    public boolean faults(GuestMemory memory, MemorySegment segment, long offset, long lengthBytes, boolean write) {
        if (left == 0) {
            return false;
        }
        left--;
        asked++;
        return memory.faults(segment, offset, lengthBytes, write);
    }

    /** How many pieces have been asked for so far. */
    public long asked() {
        return asked;
    }
}

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
    /** Of those, how many now. */
    private int leftNow;
    /** Pieces that have been asked for at the last stop. */
    private int toSkip;

    private boolean stopped;
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

    /**
     * To be called before anything is asked for.
     *
     * @param atMost pieces until this is called again
     */
    public void begin(long nowNanos, int atMost) {
        if (nowNanos - sinceNanos >= againAfterNanos) {
            sinceNanos = nowNanos;
            left = pieces;
        }
        leftNow = Math.min(left, atMost);
        toSkip = 0;
        stopped = false;
    }

    /** Asks for none of the next pieces that it is asked about: they have been asked for. */
    public void skip(int count) {
        toSkip = count;
    }

    /**
     * Whether an access to this range would fault; false also if no more may be asked.
     *
     * @param segment a region's of this memory, or of one; what is of no region does not fault
     */
    public boolean faults(GuestMemory memory, MemorySegment segment, long offset, long lengthBytes, boolean write) {
        if (toSkip > 0) {
            toSkip--;
            return false;
        }
        if (leftNow == 0) {
            stopped = true;
            return false;
        }
        leftNow--;
        left--;
        asked++;
        return memory.faults(segment, offset, lengthBytes, write);
    }

    /** Whether a piece was not asked for because no more may be now. */
    public boolean stopped() {
        return stopped;
    }

    /** Whether no more may be asked for until some time is over. */
    public boolean usedUp() {
        return left == 0;
    }

    /** How many pieces have been asked for so far. */
    public long asked() {
        return asked;
    }
}

package io.ringfence.vhostuser.memory;

import java.lang.foreign.MemorySegment;

/**
 * Asks the kernel, after a fault, whether an access to pieces of guest memory would fault; about so many and no more.
 *
 * <p>Each is a call to the kernel that may also bring pages in, and a guest chooses how many pieces there are. For one fault, and one
 * thread.
 */
public final class MemoryProbe {
    private final int pieces;
    private int asked;

    /** @param pieces the most to ask about */
    public MemoryProbe(int pieces) {
        this.pieces = pieces;
    }

    /**
     * Whether an access to this range would fault; false also if no more may be asked.
     *
     * @param segment a region's of this memory, or of one; what is of no region does not fault
     */
    public boolean faults(GuestMemory memory, MemorySegment segment, long offset, long lengthBytes, boolean write) {
        if (usedUp() || !memory.holds(segment, offset)) {
            return false;
        }
        asked++;
        return memory.faults(segment, offset, lengthBytes, write);
    }

    /** Whether no more may be asked about. */
    public boolean usedUp() {
        return asked == pieces;
    }

    /** How many have been asked about. */
    public int asked() {
        return asked;
    }
}

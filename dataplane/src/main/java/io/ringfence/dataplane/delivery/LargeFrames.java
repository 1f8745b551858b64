package io.ringfence.dataplane.delivery;

import io.ringfence.dataplane.offload.OffloadRequest;
import org.agrona.BitUtil;

/**
 * Places beside a handoff's ring for frames that are too long for it: those that are to be cut, or go on whole.
 *
 * <p>The ring keeps their order and says which place each has; a place is free again when the ring's consumer has come past
 * that. So the ring can stay small. Owned by the sender's worker.
 */
final class LargeFrames {
    /** Returned by {@link #free}. */
    static final int NONE = -1;

    private static final int COUNT = 4;
    private static final int CAPACITY = BitUtil.align(OffloadRequest.MAX_FRAME_LENGTH + Frame.REQUEST_LENGTH, 64);

    private final long firstOffset;
    private final long[] usedUntil = new long[COUNT];

    /** @param firstOffset where they begin in the handoff's memory */
    LargeFrames(long firstOffset) {
        this.firstOffset = firstOffset;
    }

    static long memoryLengthBytes() {
        return (long) COUNT * CAPACITY;
    }

    /** A free place, or {@link #NONE}. */
    int free(long consumerPosition) {
        for (int place = 0; place < COUNT; place++) {
            if (usedUntil[place] <= consumerPosition) {
                return place;
            }
        }
        return NONE;
    }

    /** Whether at least half of the places are free. */
    boolean halfFree(long consumerPosition) {
        int used = 0;
        for (long until : usedUntil) {
            used += until > consumerPosition ? 1 : 0;
        }
        return used <= COUNT / 2;
    }

    /** Notes that a place is in use until the ring's consumer is here. */
    void use(int place, long untilPosition) {
        usedUntil[place] = untilPosition;
    }

    /** Where a place begins in the handoff's memory. */
    long offset(int place) {
        return firstOffset + (long) place * CAPACITY;
    }
}

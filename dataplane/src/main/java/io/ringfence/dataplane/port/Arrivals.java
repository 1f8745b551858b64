package io.ringfence.dataplane.port;

/**
 * When the worker first saw the frames that wait in a transmit queue, so that it can tell how long they took.
 *
 * <p>One entry for each look that found new frames, not for each frame. Indexes are free-running and of 16 bits, as those of
 * the available ring. Owned by the VM's worker; allocates nothing.
 */
final class Arrivals {
    /** Looks that are told apart; a look beyond them counts as the one before, so that no latency appears too short. */
    private static final int CAPACITY = 64;

    private final int[] untilIndex = new int[CAPACITY];
    private final long[] seenNanos = new long[CAPACITY];
    private int first;
    private int count;
    private int heldUp;
    private int seenUntil;
    private long worstNanos;
    private long worstHeldUpNanos;

    /** @param nextAvailable index of the next frame to be taken */
    Arrivals(int nextAvailable) {
        seenUntil = nextAvailable;
    }

    /** Notes that the guest has made frames available up to this index; returns how many are new. */
    int saw(int availableUntil, long nowNanos) {
        int added = (availableUntil - seenUntil) & 0xffff;
        if (added == 0) {
            return 0;
        }
        seenUntil = availableUntil & 0xffff;
        if (count == CAPACITY) {
            untilIndex[slot(count - 1)] = seenUntil;
        } else {
            untilIndex[slot(count)] = seenUntil;
            seenNanos[slot(count)] = nowNanos;
            count++;
        }
        return added;
    }

    /** When the oldest frame that waits was seen; only while one waits. */
    long oldestNanos() {
        return seenNanos[first];
    }

    /** Frames seen and not taken yet. */
    int waiting(int nextAvailable) {
        return (seenUntil - nextAvailable) & 0xffff;
    }

    /** Notes that the frames that wait now do so for a receiver without room, or for the limit of their VM. */
    void heldUp() {
        heldUp = count;
    }

    /**
     * Notes that the frames before this index are with their receivers, or dropped.
     *
     * @return whether those of a look are complete, which {@link #worstNanos} and {@link #worstHeldUpNanos} then tell of
     */
    boolean passed(int nextAvailable, long nowNanos) {
        if (count == 0) {
            return false;
        }
        worstNanos = 0;
        worstHeldUpNanos = 0;
        int before = count;
        while (count > 0 && ((nextAvailable - untilIndex[first]) & 0xffff) < 0x8000) {
            long nanos = nowNanos - seenNanos[first];
            if (heldUp > 0) {
                heldUp--;
                worstHeldUpNanos = Math.max(worstHeldUpNanos, nanos);
            } else {
                worstNanos = Math.max(worstNanos, nanos);
            }
            first = slot(1);
            count--;
        }
        return count < before;
    }

    /** The longest time of frames that the last {@link #passed} completed; 0 if there were none. */
    long worstNanos() {
        return worstNanos;
    }

    /** The same, of frames that were held up. */
    long worstHeldUpNanos() {
        return worstHeldUpNanos;
    }

    private int slot(int ahead) {
        return (first + ahead) & (CAPACITY - 1);
    }
}

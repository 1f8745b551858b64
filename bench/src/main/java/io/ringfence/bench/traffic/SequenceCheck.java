package io.ringfence.bench.traffic;

/**
 * Tells by their sequence numbers which frames arrived once, twice, late, or not yet; numbers start at 0.
 *
 * <p>One thread feeds it; the counts may be read by any.
 */
final class SequenceCheck {
    /** How far back a frame is still told from its duplicate. */
    static final int WINDOW = 1 << 16;

    private final long[] seen = new long[WINDOW / Long.SIZE];
    private long next;

    /** Different frames that arrived. */
    final Count received = new Count();
    /** Frames that arrived again. */
    final Count duplicates = new Count();
    /** Frames that arrived after a later one. */
    final Count reordered = new Count();
    /** Frames that later ones have overtaken and that have not arrived so far. */
    final Count missing = new Count();

    void reset() {
        next = 0;
        received.reset();
        duplicates.reset();
        reordered.reset();
        missing.reset();
    }

    /** Whether this is the first time that the frame arrives. */
    boolean arrived(long sequence) {
        long ahead = sequence - next;
        if (ahead >= 0) {
            forget(ahead);
            missing.add(ahead);
            mark(sequence);
            next = sequence + 1;
            received.add(1);
            return true;
        }
        if (-ahead <= WINDOW && !isMarked(sequence)) {
            mark(sequence);
            missing.add(-1);
            reordered.add(1);
            received.add(1);
            return true;
        }
        duplicates.add(1);
        return false;
    }

    /** Unmarks the numbers from the next expected one up to the one that has come instead. */
    private void forget(long ahead) {
        for (long i = 0; i <= Math.min(ahead, WINDOW - 1); i++) {
            int bit = (int) (next + i) & WINDOW - 1;
            seen[bit >>> 6] &= ~(1L << bit);
        }
    }

    private void mark(long sequence) {
        int bit = (int) sequence & WINDOW - 1;
        seen[bit >>> 6] |= 1L << bit;
    }

    private boolean isMarked(long sequence) {
        int bit = (int) sequence & WINDOW - 1;
        return (seen[bit >>> 6] & 1L << bit) != 0;
    }
}

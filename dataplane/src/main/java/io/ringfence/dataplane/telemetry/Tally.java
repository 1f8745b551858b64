package io.ringfence.dataplane.telemetry;

import org.agrona.concurrent.status.AtomicCounter;

/**
 * The counters of one VM as one thread at a time counts them: cheap additions, shown to readers by {@link #flush}.
 *
 * <p>Owned by the VM's worker, or by whoever holds the claim that guards it. Several tallies may feed the same
 * counters; {@code flush} adds.
 */
public final class Tally {
    private static final int COUNTERS = Counter.values().length;

    private final AtomicCounter[] counters;
    private final long[] pending = new long[COUNTERS];
    private long dirty;

    /** Creates a tally that feeds these counters, indexed by {@link Counter#index}. */
    public Tally(AtomicCounter[] counters) {
        this.counters = counters;
    }

    /** Counts. */
    public void add(Counter counter, long amount) {
        int i = counter.index();
        pending[i] += amount;
        dirty |= 1L << i;
    }

    /** The counter behind, for values that are no sums. */
    public Highest highest(Counter counter) {
        return new Highest(counters[counter.index()]);
    }

    /** Shows a value that is no sum; only one tally may. */
    public void show(Counter counter, long value) {
        counters[counter.index()].setOpaque(value);
    }

    /** Shows what was counted since the last time. */
    public void flush() {
        long left = dirty;
        dirty = 0;
        while (left != 0) {
            int i = Long.numberOfTrailingZeros(left);
            left &= left - 1;
            // Atomic: the drops of a receiver are counted by its worker and by whoever holds its claim.
            counters[i].getAndAdd(pending[i]);
            pending[i] = 0;
        }
    }
}

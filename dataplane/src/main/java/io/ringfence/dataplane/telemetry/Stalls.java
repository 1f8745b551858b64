package io.ringfence.dataplane.telemetry;

import java.util.List;

/**
 * Counts the times in which a worker could have run and did not, by their length in powers of two.
 *
 * <p>The worker sees them as gaps between two readings of the clock that should lie close together: around a batch, or
 * between the end of a sleep and when it was to end. What the reason was it cannot know: a stop-the-world pause of the JVM,
 * a worker with an earlier deadline, the kernel's throttling, an interrupt, the hypervisor. Owned by the worker.
 */
public final class Stalls {
    private static final int SHORTEST_LOG2 = 16;

    /** Shorter gaps do not count: a batch of dear frames takes nearly as long. */
    public static final long SHORTEST_NANOS = 1L << SHORTEST_LOG2;

    /** The histogram, shortest first; each holds stalls up to twice as long as the shortest, the last all that are longer. */
    public static final List<Counter> HISTOGRAM = List.of(
            Counter.STALLS_FROM_66_US,
            Counter.STALLS_FROM_131_US,
            Counter.STALLS_FROM_262_US,
            Counter.STALLS_FROM_524_US,
            Counter.STALLS_FROM_1_MS,
            Counter.STALLS_FROM_2_MS,
            Counter.STALLS_FROM_4_MS,
            Counter.STALLS_FROM_8_MS,
            Counter.STALLS_FROM_17_MS,
            Counter.STALLS_FROM_34_MS,
            Counter.STALLS_FROM_67_MS,
            Counter.STALLS_FROM_134_MS,
            Counter.STALLS_FROM_268_MS);

    private static final Counter[] BUCKETS = HISTOGRAM.toArray(Counter[]::new);
    private final Tally tally;

    /** Creates a histogram that this tally, the worker's own, feeds. */
    public Stalls(Tally tally) {
        this.tally = tally;
    }

    /** Counts a gap between two readings of the clock, if it is long enough to be a stall. */
    public void gap(long nanos) {
        if (nanos >= SHORTEST_NANOS) {
            int bucket = 63 - Long.numberOfLeadingZeros(nanos) - SHORTEST_LOG2;
            tally.add(BUCKETS[Math.min(bucket, BUCKETS.length - 1)], 1);
            tally.add(Counter.STALLED_NANOS, nanos);
        }
    }
}

package io.ringfence.bench.traffic;

/**
 * Departure times fixed in advance: number <i>i</i> at the start + <i>i</i> / rate. One thread.
 *
 * <p>With a rate of 0 there are none.
 */
final class Departures {
    private static final long SECOND_NANOS = 1_000_000_000L;

    private final long startNanos;
    private final int perSecond;
    private long next;
    private long nextNanos;

    Departures(long startNanos, int perSecond) {
        this.startNanos = startNanos;
        this.perSecond = perSecond;
        nextNanos = startNanos;
    }

    long startNanos() {
        return startNanos;
    }

    /** When the next one is to depart. */
    long nextNanos() {
        return nextNanos;
    }

    /** How many were to depart by now and have not. */
    long due(long nowNanos) {
        if (perSecond == 0 || nowNanos < nextNanos) {
            return 0;
        }
        long elapsedNanos = nowNanos - startNanos;
        long seconds = elapsedNanos / SECOND_NANOS;
        return seconds * perSecond + elapsedNanos % SECOND_NANOS * perSecond / SECOND_NANOS + 1 - next;
    }

    /** So many have departed, or never will. */
    void passed(long count) {
        if (perSecond > 0) {
            next += count;
            // In two parts: the product of both would overflow after some minutes.
            nextNanos = startNanos
                    + next / perSecond * SECOND_NANOS
                    + Math.ceilDiv(next % perSecond * SECOND_NANOS, perSecond);
        }
    }
}

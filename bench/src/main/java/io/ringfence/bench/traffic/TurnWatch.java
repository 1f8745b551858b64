package io.ringfence.bench.traffic;

/**
 * Watches how long the driving thread stays away from the observed stations.
 *
 * <p>A frame whose life, from intended departure to arrival, overlaps a gap is not to be measured: it left or was seen late
 * for a reason that has nothing to do with what is measured. After a gap what has piled up meanwhile comes at once, so
 * as much time again does not count; of gaps that follow each other before that is over, as much as all of them.
 *
 * <p>Fed by the driving thread; the sum may be read by another.
 */
final class TurnWatch {
    private final long thresholdNanos;
    private final Count gapNanos = new Count();
    private long lastNanos;
    private long unsettledUntilNanos;

    TurnWatch(long thresholdNanos) {
        this.thresholdNanos = thresholdNanos;
    }

    /** Counts anew from now on. */
    void begin(long nowNanos) {
        gapNanos.reset();
        lastNanos = nowNanos;
    }

    /** The driving thread is there: a turn of the observed stations begins, or it has found a frame. */
    void looked(long nowNanos) {
        long away = nowNanos - lastNanos;
        if (away > thresholdNanos) {
            gapNanos.add(away);
            boolean settled = unsettledUntilNanos == 0 || unsettledUntilNanos - nowNanos < 0;
            unsettledUntilNanos = (settled ? nowNanos : unsettledUntilNanos) + away;
        }
        lastNanos = nowNanos;
    }

    /** Whether the life of a frame that arrives now overlaps a gap. */
    boolean overlaps(long intendedNanos) {
        return intendedNanos - unsettledUntilNanos <= 0 && unsettledUntilNanos != 0;
    }

    /** From which lateness on a departure is late. */
    long thresholdNanos() {
        return thresholdNanos;
    }

    /** All gaps so far together. */
    long gapNanos() {
        return gapNanos.read();
    }
}

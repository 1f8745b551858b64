package io.ringfence.bench.traffic;

import java.util.function.LongSupplier;

/**
 * Watches how long the driving thread stays away from the observed stations.
 *
 * <p>A frame whose life, from intended departure to arrival, overlaps a gap is not to be measured: it left or was seen late
 * for a reason that has nothing to do with what is measured. After a gap what has piled up meanwhile comes at once, so
 * as much time again does not count; of gaps that follow each other before that is over, as much as all of them.
 *
 * <p>A turn that takes long is no gap as long as it is the thread's own work: to kick a sleeping worker is a call to the kernel,
 * which takes 35 to 70 us on some virtual machines. What a hypervisor takes looks like that too, hence the limit.
 *
 * <p>Fed by the driving thread; the sum may be read by another.
 */
final class TurnWatch {
    private final long thresholdNanos;
    private final long limitNanos;
    private final LongSupplier switches;
    private final Count gapNanos = new Count();
    private long lastNanos;
    private long lastSwitches;
    private long unsettledUntilNanos;

    /**
     * @param thresholdNanos longer ones are gaps if the thread was off its CPU
     * @param limitNanos still longer ones are gaps in any case
     * @param switches how often the driving thread was off its CPU so far; asked by that thread
     */
    TurnWatch(long thresholdNanos, long limitNanos, LongSupplier switches) {
        this.thresholdNanos = thresholdNanos;
        this.limitNanos = limitNanos;
        this.switches = switches;
    }

    /** For whom nothing is a gap. */
    static TurnWatch none() {
        return new TurnWatch(Long.MAX_VALUE, Long.MAX_VALUE, () -> 0);
    }

    /** Counts anew from now on. */
    void begin(long nowNanos) {
        gapNanos.reset();
        lastNanos = nowNanos;
        lastSwitches = switches.getAsLong();
    }

    /** The driving thread is there: a turn of the observed stations begins, or it has found a frame. */
    void looked(long nowNanos) {
        long away = nowNanos - lastNanos;
        // Asked in any case: the switch of a gap that is over is none of a later turn.
        if (away > thresholdNanos && (wasSwitched() || away > limitNanos)) {
            gapNanos.add(away);
            boolean settled = unsettledUntilNanos == 0 || unsettledUntilNanos - nowNanos < 0;
            unsettledUntilNanos = (settled ? nowNanos : unsettledUntilNanos) + away;
        }
        lastNanos = nowNanos;
    }

    private boolean wasSwitched() {
        long before = lastSwitches;
        lastSwitches = switches.getAsLong();
        return lastSwitches != before;
    }

    /** Whether the life of a frame that arrives now overlaps a gap. */
    boolean overlaps(long intendedNanos) {
        return intendedNanos - unsettledUntilNanos <= 0 && unsettledUntilNanos != 0;
    }

    /** From which lateness on a departure is late: beyond what the thread's own work takes. */
    long lateNanos() {
        return limitNanos;
    }

    /** All gaps so far together. */
    long gapNanos() {
        return gapNanos.read();
    }
}

package io.ringfence.bench.traffic;

import io.ringfence.bench.traffic.Schedule.Gap;
import java.util.ArrayList;
import java.util.List;

/**
 * Watches how long the driving thread stays away from the observed stations.
 *
 * <p>A frame whose life, from intended departure to arrival, overlaps a gap is not to be measured: it left or was seen late
 * for a reason that has nothing to do with what is measured. After a gap what has piled up meanwhile comes at once, so
 * as much time again does not count.
 *
 * <p>Fed by the driving thread; the sums may be read by another.
 */
final class TurnWatch {
    private final long thresholdNanos;
    private final long[] gapFromNanos = new long[Schedule.MOST_RECORDED];
    private final long[] gapToNanos = new long[Schedule.MOST_RECORDED];
    private final Count gaps = new Count();
    private final Count gapNanos = new Count();
    private final Count longestNanos = new Count();
    private long startNanos;
    private long lastNanos;
    private long unsettledUntilNanos;

    TurnWatch(long thresholdNanos) {
        this.thresholdNanos = thresholdNanos;
    }

    /** Counts anew from now on. */
    void begin(long nowNanos) {
        gaps.reset();
        gapNanos.reset();
        longestNanos.reset();
        startNanos = nowNanos;
        lastNanos = nowNanos;
    }

    /** A turn of the observed stations begins. */
    void turn(long nowNanos) {
        long away = nowNanos - lastNanos;
        if (away > longestNanos.read()) {
            longestNanos.add(away - longestNanos.read());
        }
        if (away > thresholdNanos) {
            int index = (int) gaps.read();
            if (index < Schedule.MOST_RECORDED) {
                gapFromNanos[index] = lastNanos;
                gapToNanos[index] = nowNanos;
            }
            gaps.add(1);
            gapNanos.add(away);
            unsettledUntilNanos = nowNanos + away;
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

    /** What was seen so far; the gaps themselves only for the driving thread, or after its end. */
    Schedule schedule(boolean recorded, long strays, long stolenMillis) {
        List<Gap> list = new ArrayList<>();
        for (int i = 0; recorded && i < Math.min(gaps.read(), Schedule.MOST_RECORDED); i++) {
            list.add(new Gap(gapFromNanos[i] - startNanos, gapToNanos[i] - startNanos));
        }
        return new Schedule(
                thresholdNanos, gaps.read(), gapNanos.read(), longestNanos.read(), list, strays, stolenMillis);
    }
}

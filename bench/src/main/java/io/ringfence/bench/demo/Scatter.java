package io.ringfence.bench.demo;

import java.util.Arrays;

/** Between which values the middle half of some readings lies: what lies outside of each other's is more than noise. */
record Scatter(long lowNanos, long highNanos) {
    /** That of the readings; from 0 to 0 if there are none. */
    static Scatter of(long[] nanos) {
        if (nanos.length == 0) {
            return new Scatter(0, 0);
        }
        long[] sorted = nanos.clone();
        Arrays.sort(sorted);
        return new Scatter(sorted[sorted.length / 4], sorted[sorted.length - 1 - sorted.length / 4]);
    }

    boolean isBelow(Scatter other) {
        return highNanos < other.lowNanos;
    }

    String text() {
        return Quantity.time(lowNanos) + " to " + Quantity.time(highNanos);
    }
}

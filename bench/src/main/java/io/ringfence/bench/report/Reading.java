package io.ringfence.bench.report;

import java.util.List;

/**
 * What one round measured.
 *
 * @param disturbances what speaks against it, in words; empty if the round was calm
 */
public record Reading(double value, List<String> disturbances) {
    public Reading {
        disturbances = List.copyOf(disturbances);
    }

    /** One of a round that nothing disturbed. */
    public static Reading calm(double value) {
        return new Reading(value, List.of());
    }

    /** Whether nothing disturbed the round. */
    public boolean isCalm() {
        return disturbances.isEmpty();
    }
}

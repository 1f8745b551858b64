package io.ringfence.bench.traffic;

/**
 * A role for one station in one run.
 *
 * @param observed whether its latency is of interest: it then gets a turn between any two turns of the others, and what
 *     observed stations send each other is measured, not only counted
 * @param fromSeconds when in the run it begins to act; such a station also acts in the first half of the warm-up, so that
 *     its code is compiled, and then rests
 */
public record Assignment(Role role, boolean observed, double fromSeconds) {
    public Assignment {
        if (!(fromSeconds >= 0)) {
            throw new IllegalArgumentException("a role from second %s on: expected 0 or later".formatted(fromSeconds));
        }
    }

    /** The role from the beginning, not observed. */
    public static Assignment of(Role role) {
        return new Assignment(role, false, 0);
    }

    /** The same, observed. */
    public Assignment whileObserved() {
        return new Assignment(role, true, fromSeconds);
    }

    /** The same from this second on. */
    public Assignment from(double seconds) {
        return new Assignment(role, observed, seconds);
    }
}

package io.ringfence.bench.traffic;

import io.ringfence.config.MacAddress;
import org.jspecify.annotations.Nullable;

/**
 * A role for one station in one run.
 *
 * @param observed whether its latency is of interest: it then gets a turn between any two turns of the others, and what
 *     observed stations send each other is measured, not only counted
 * @param fromSeconds when in the run it begins to act; such a station also acts in the first half of the warm-up, so that
 *     its code is compiled, and then rests
 * @param peer the address that it sends to in this run; null for that of its endpoint
 */
public record Assignment(
        Role role,
        boolean observed,
        double fromSeconds,
        @Nullable MacAddress peer) {
    public Assignment {
        if (!(fromSeconds >= 0)) {
            throw new IllegalArgumentException("a role from second %s on: expected 0 or later".formatted(fromSeconds));
        }
    }

    /** The role from the beginning, not observed. */
    public static Assignment of(Role role) {
        return new Assignment(role, false, 0, null);
    }

    /** The same, observed. */
    public Assignment whileObserved() {
        return new Assignment(role, true, fromSeconds, peer);
    }

    /** The same from this second on. */
    public Assignment from(double seconds) {
        return new Assignment(role, observed, seconds, peer);
    }

    /** The same, sending to this address. */
    public Assignment towards(MacAddress address) {
        return new Assignment(role, observed, fromSeconds, address);
    }

    /** The address that a station with this endpoint sends to. */
    MacAddress peerOf(Endpoint endpoint) {
        return peer != null ? peer : endpoint.peer();
    }
}

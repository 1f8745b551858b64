package io.ringfence.bench.demo;

import io.ringfence.bench.traffic.Role;
import java.util.List;

/**
 * One part of the demo.
 *
 * @param title what it shows, in a line
 * @param roundTrips whether round trips are measured, rather than throughput
 */
record Act(String title, boolean roundTrips, int lengthBytes, double seconds, Role alice, Role bob) {
    static final int REQUESTS_PER_SECOND = 20_000;
    static final int SMALL_BYTES = 64;

    /** The acts in their order; the first takes the given time, the others together too. */
    static List<Act> all(int seconds, int largeBytes) {
        double half = Math.max(1, seconds / 2);
        return List.of(
                new Act(
                        "Round trips: alice asks %,d times a second, bob answers".formatted(REQUESTS_PER_SECOND),
                        true,
                        SMALL_BYTES,
                        seconds,
                        new Role.Requests(REQUESTS_PER_SECOND, SMALL_BYTES),
                        new Role.Echo()),
                flood("Small frames, both ways, as fast as they go", SMALL_BYTES, half),
                flood("Large frames, both ways, as fast as they go", largeBytes, half));
    }

    private static Act flood(String what, int lengthBytes, double seconds) {
        Role flood = new Role.Flood(lengthBytes);
        return new Act(what, false, lengthBytes, seconds, flood, flood);
    }
}

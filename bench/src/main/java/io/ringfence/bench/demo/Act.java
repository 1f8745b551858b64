package io.ringfence.bench.demo;

import io.ringfence.bench.traffic.Assignment;
import io.ringfence.bench.traffic.Role;
import io.ringfence.bench.traffic.RunPlan;
import java.util.List;

/**
 * One part of the demo.
 *
 * @param title what it shows, in a line
 * @param roundTrips whether round trips are measured, rather than throughput
 */
record Act(String title, boolean roundTrips, int lengthBytes, double seconds, Assignment alice, Assignment bob) {
    static final int REQUESTS_PER_SECOND = 20_000;
    static final int SMALL_BYTES = 64;

    /** The acts in their order; the first takes the given time, the other two share as much, a second each at least. */
    static List<Act> all(int seconds, int largeBytes) {
        double half = Math.max(1, seconds / 2.0);
        return List.of(
                new Act(
                        "Round trips: alice sends %,d requests of %d bytes a second, bob answers each"
                                .formatted(REQUESTS_PER_SECOND, SMALL_BYTES),
                        true,
                        SMALL_BYTES,
                        seconds,
                        Assignment.of(new Role.Requests(REQUESTS_PER_SECOND, SMALL_BYTES))
                                .whileObserved(),
                        Assignment.of(new Role.Echo()).whileObserved()),
                flood(SMALL_BYTES, half),
                flood(largeBytes, half));
    }

    private static Act flood(int lengthBytes, double seconds) {
        Assignment flood = Assignment.of(new Role.Flood(lengthBytes));
        String title = "Throughput: both send frames of %d bytes as fast as they go".formatted(lengthBytes);
        return new Act(title, false, lengthBytes, seconds, flood, flood);
    }

    /** The run of the guests, reported every second. */
    RunPlan plan() {
        return plan(seconds);
    }

    /** A run of the same kind that takes so long. */
    RunPlan plan(double runSeconds) {
        return RunPlan.of(0, runSeconds, List.of(alice, bob)).withIntervals();
    }
}

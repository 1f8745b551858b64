package io.ringfence.bench.traffic;

import java.util.List;

/**
 * One run of all stations of a process.
 *
 * @param warmUpSeconds traffic before the run, of which nothing counts
 * @param seconds the run itself
 * @param assignments one for each station, in the order of the endpoints
 * @param intervalSeconds how often to report meanwhile, 0 for not at all; writing a report takes a millisecond or so of the
 *     CPU of the stations, which is a gap
 * @param sliceSeconds into which parts the latencies over time are cut; they come out longer where there would be more than
 *     a thousand
 */
public record RunPlan(
        double warmUpSeconds,
        double seconds,
        List<Assignment> assignments,
        double intervalSeconds,
        double sliceSeconds) {
    /** Latencies over time, unless a run wants other slices: as short as makes sense. */
    private static final double SHORTEST_SLICE_SECONDS = 0.001;

    /** Of latencies over time, at most. */
    static final int MOST_SLICES = 1_000;

    public RunPlan {
        if (!(warmUpSeconds >= 0 && warmUpSeconds <= 3600 && seconds > 0 && seconds <= 3600)) {
            throw new IllegalArgumentException(
                    "a run of %s s after %s s of warm-up: expected up to 3600".formatted(seconds, warmUpSeconds));
        }
        if (!(intervalSeconds == 0 || intervalSeconds >= 0.1)) {
            throw new IllegalArgumentException(
                    "a report every %s s: expected 0.1 or more, or 0 for none".formatted(intervalSeconds));
        }
        if (!(sliceSeconds >= SHORTEST_SLICE_SECONDS)) {
            throw new IllegalArgumentException(
                    "slices of %s s: expected %s or more".formatted(sliceSeconds, SHORTEST_SLICE_SECONDS));
        }
        assignments = List.copyOf(assignments);
    }

    /** A run after a warm-up, reported at its end. */
    public static RunPlan of(double warmUpSeconds, double seconds, List<Assignment> assignments) {
        return new RunPlan(warmUpSeconds, seconds, assignments, 0, SHORTEST_SLICE_SECONDS);
    }

    /** The same, reported so often meanwhile. */
    public RunPlan withIntervals(double everySeconds) {
        return new RunPlan(warmUpSeconds, seconds, assignments, everySeconds, sliceSeconds);
    }

    /** How long the slices of a run come out that are wanted so long. */
    public static double sliceSeconds(double runSeconds, double wantedSeconds) {
        return Math.max(wantedSeconds, runSeconds / MOST_SLICES);
    }

    /** The same with latencies over time in slices of this length. */
    public RunPlan withSlices(double lengthSeconds) {
        return new RunPlan(warmUpSeconds, seconds, assignments, intervalSeconds, lengthSeconds);
    }
}

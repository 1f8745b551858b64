package io.ringfence.bench.traffic;

import java.util.List;

/**
 * One run of all stations of a process.
 *
 * @param warmUpSeconds traffic before the run, of which nothing counts
 * @param seconds the run itself
 * @param assignments one for each station, in the order of the endpoints
 * @param intervals whether to report every second too; writing reports takes time on the CPU of the stations, so not where
 *     latency is measured
 * @param gapNanos the driving thread being away from the observed stations for longer is a gap: what it overlaps is
 *     discarded
 */
public record RunPlan(
        double warmUpSeconds, double seconds, List<Assignment> assignments, boolean intervals, long gapNanos) {
    /** Longer than a turn of all observed stations and one other, shorter than the latencies that matter here. */
    public static final long DEFAULT_GAP_NANOS = 30_000;

    public RunPlan {
        if (!(warmUpSeconds >= 0 && warmUpSeconds <= 3600 && seconds > 0 && seconds <= 3600)) {
            throw new IllegalArgumentException(
                    "a run of %s s after %s s of warm-up: expected up to 3600".formatted(seconds, warmUpSeconds));
        }
        if (gapNanos < 1) {
            throw new IllegalArgumentException("gaps from %d ns on: expected 1 or more".formatted(gapNanos));
        }
        assignments = List.copyOf(assignments);
    }

    /** A run after a warm-up, reported at its end. */
    public static RunPlan of(double warmUpSeconds, double seconds, List<Assignment> assignments) {
        return new RunPlan(warmUpSeconds, seconds, assignments, false, DEFAULT_GAP_NANOS);
    }

    /** The same, reported every second too. */
    public RunPlan withIntervals() {
        return new RunPlan(warmUpSeconds, seconds, assignments, true, gapNanos);
    }

    /** The same with another gap. */
    public RunPlan withGap(long nanos) {
        return new RunPlan(warmUpSeconds, seconds, assignments, intervals, nanos);
    }
}

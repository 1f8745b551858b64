package io.ringfence.bench.report;

import io.ringfence.bench.traffic.DueFrames;
import io.ringfence.bench.traffic.FlowCounts;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.HdrHistogram.Histogram;

/** A run in which the latencies of a flow were measured, as results hold it. */
public interface TimedRun {
    /** The latencies of the frames that arrived, at least of a sample of them. */
    Histogram nanoseconds();

    /** Of all frames that were due. */
    FlowCounts counts();

    /** What speaks against the run, in words; empty if it was calm. */
    List<String> disturbances();

    /** Whether any latency is left: not if nothing arrived, or everything met a gap of the generator. */
    default boolean hasLatencies() {
        return nanoseconds().getTotalCount() > 0;
    }

    /**
     * The microseconds that a percentage of the frames that were due did not exceed: infinite if so many did not arrive; empty
     * if of those that did no latency is left.
     */
    default Optional<Reading> micros(double percent) {
        OptionalDouble nanos = DueFrames.percentile(nanoseconds(), counts(), percent);
        return nanos.isEmpty() ? Optional.empty() : Optional.of(new Reading(nanos.getAsDouble() / 1e3, disturbances()));
    }

    /** The same for people; a dash if none is left. */
    default String microsText(double percent) {
        return micros(percent).map(reading -> Numbers.short3(reading.value())).orElse(Numbers.NOTHING);
    }

    /** The figure of all runs of which a latency is left, said to be of all of them; empty if there is none. */
    static Optional<Figure> figure(List<? extends TimedRun> runs, double percent) {
        List<Reading> readings =
                runs.stream().flatMap(run -> run.micros(percent).stream()).toList();
        return readings.isEmpty()
                ? Optional.empty()
                : Optional.of(Figure.of(readings).ofRounds(runs.size()));
    }
}

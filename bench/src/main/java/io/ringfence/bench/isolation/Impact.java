package io.ringfence.bench.isolation;

import io.ringfence.bench.isolation.IsolationResult.Measured;
import io.ringfence.bench.isolation.IsolationResult.Pair;
import io.ringfence.bench.report.Figure;
import io.ringfence.bench.report.Reading;
import io.ringfence.bench.report.TimedRun;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.HdrHistogram.Histogram;

/** What an aggressor cost the victim, from the rounds of one variant: at least one. */
record Impact(List<Pair> pairs) {
    private static final double PERCENT = 100;

    Impact {
        pairs = List.copyOf(pairs);
    }

    /**
     * How many times the latency at this percentile was what it was alone: median of the ratios by round. Infinite in a round
     * in which so many frames were lost beside the aggressor; empty if in no round latencies of both are left, or in each of
     * these so many were lost alone.
     */
    Optional<Figure> isolationFactor(double percentile) {
        List<Reading> ratios = new ArrayList<>();
        for (Pair pair : pairs) {
            Optional<Reading> alone = pair.without().micros(percentile);
            Optional<Reading> beside = pair.with().micros(percentile);
            if (alone.isPresent()
                    && beside.isPresent()
                    && Double.isFinite(alone.get().value())) {
                ratios.add(new Reading(beside.get().value() / alone.get().value(), disturbances(pair)));
            }
        }
        return figure(ratios);
    }

    private static boolean hasBoth(Pair pair) {
        return pair.without().hasLatencies() && pair.with().hasLatencies();
    }

    /** Why there is no isolation factor, if there is none. */
    String absence() {
        if (pairs.stream().noneMatch(pair -> pair.without().hasLatencies())) {
            return "not measured: no latency alone is left";
        }
        if (pairs.stream().noneMatch(pair -> pair.with().hasLatencies())) {
            return "not measured: no latency beside it is left";
        }
        return pairs.stream().anyMatch(Impact::hasBoth)
                ? "not measured: too many frames did not arrive alone"
                : "not measured: no round with latencies both alone and beside it";
    }

    /** Latency at this percentile alone, in microseconds; empty if none is left. */
    Optional<Figure> alone(double percentile) {
        return TimedRun.figure(pairs.stream().map(Pair::without).toList(), percentile);
    }

    /** Latency at this percentile beside the aggressor, in microseconds; empty if none is left. */
    Optional<Figure> beside(double percentile) {
        return TimedRun.figure(pairs.stream().map(Pair::with).toList(), percentile);
    }

    /** Says of how many rounds it is, whether or not they could be measured. */
    private Optional<Figure> figure(List<Reading> readings) {
        return readings.isEmpty()
                ? Optional.empty()
                : Optional.of(Figure.of(readings).ofRounds(pairs.size()));
    }

    private static List<String> disturbances(Pair pair) {
        List<String> disturbances = new ArrayList<>(pair.without().disturbances());
        disturbances.addAll(pair.with().disturbances());
        return disturbances;
    }

    /** By how many percent the victim's goodput differed from that alone, up or down; empty if it had none alone. */
    Optional<Figure> goodputDeviation() {
        List<Reading> deviations = new ArrayList<>();
        for (Pair pair : pairs) {
            double alone = pair.without().goodput();
            if (alone > 0) {
                deviations.add(
                        new Reading(PERCENT * Math.abs(pair.with().goodput() - alone) / alone, disturbances(pair)));
            }
        }
        return figure(deviations);
    }

    /** Frames of the victim that were sent beside the aggressor and did not arrive, calm rounds or not. */
    long lostBeside() {
        return pairs.stream().mapToLong(pair -> pair.with().counts().lost()).sum();
    }

    /** The same alone. */
    long lostAlone() {
        return pairs.stream().mapToLong(pair -> pair.without().counts().lost()).sum();
    }

    /** What the neighbours carried, frames a second. */
    Figure neighbours() {
        return Figure.of(pairs.stream()
                .map(Pair::with)
                .map(run -> new Reading(run.neighboursPerSecond(), run.disturbances()))
                .toList());
    }

    /** All latencies alone together, of calm rounds if there are any. */
    Histogram curveAlone() {
        return sum(Pair::without);
    }

    /** All latencies beside the aggressor together, of calm rounds if there are any. */
    Histogram curveBeside() {
        return sum(Pair::with);
    }

    private Histogram sum(Function<Pair, Measured> run) {
        List<Measured> all = pairs.stream().map(run).toList();
        List<Measured> calm =
                all.stream().filter(one -> one.disturbances().isEmpty()).toList();
        Histogram sum = new Histogram(3);
        (calm.isEmpty() ? all : calm).forEach(one -> sum.add(one.nanoseconds()));
        return sum;
    }
}

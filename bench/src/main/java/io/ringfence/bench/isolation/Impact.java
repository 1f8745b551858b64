package io.ringfence.bench.isolation;

import io.ringfence.bench.isolation.IsolationResult.Measured;
import io.ringfence.bench.isolation.IsolationResult.Pair;
import io.ringfence.bench.report.Figure;
import io.ringfence.bench.report.Reading;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.HdrHistogram.Histogram;

/** What an aggressor cost the victim, from the rounds of one variant: at least one. */
record Impact(List<Pair> pairs) {
    private static final double PERCENT = 100;
    private static final double MICRO_NANOS = 1000;

    Impact {
        pairs = List.copyOf(pairs);
    }

    /** How many times the latency at this percentile was what it was alone: median of the ratios by round. */
    Figure isolationFactor(double percentile) {
        ToDoubleFunction<Measured> latency = run -> run.percentile(percentile);
        return Figure.ratio(readings(Pair::with, latency), readings(Pair::without, latency));
    }

    /** Latency at this percentile alone, in microseconds. */
    Figure alone(double percentile) {
        return Figure.of(readings(Pair::without, run -> run.percentile(percentile) / MICRO_NANOS));
    }

    /** Latency at this percentile beside the aggressor, in microseconds. */
    Figure beside(double percentile) {
        return Figure.of(readings(Pair::with, run -> run.percentile(percentile) / MICRO_NANOS));
    }

    /** By how many percent the victim's goodput differed from that alone, up or down. */
    Figure goodputDeviation() {
        List<Reading> deviations = new ArrayList<>();
        for (Pair pair : pairs) {
            List<String> disturbances = new ArrayList<>(pair.without().disturbances());
            disturbances.addAll(pair.with().disturbances());
            double alone = pair.without().goodput();
            deviations.add(new Reading(PERCENT * Math.abs(pair.with().goodput() - alone) / alone, disturbances));
        }
        return Figure.of(deviations);
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
        return Figure.of(readings(Pair::with, Measured::neighboursPerSecond));
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

    private List<Reading> readings(Function<Pair, Measured> run, ToDoubleFunction<Measured> value) {
        return pairs.stream()
                .map(run)
                .map(measured -> new Reading(value.applyAsDouble(measured), measured.disturbances()))
                .toList();
    }
}

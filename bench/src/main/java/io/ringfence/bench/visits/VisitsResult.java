package io.ringfence.bench.visits;

import io.ringfence.bench.report.Figure;
import io.ringfence.bench.report.Reading;
import io.ringfence.bench.report.TimedRun;
import io.ringfence.bench.traffic.FlowCounts;
import io.ringfence.dataplane.cost.HostIdentity;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import org.HdrHistogram.Histogram;

/**
 * All that a run of the benchmark measured; stored as JSON.
 *
 * @param scheduling the rung of the workers
 * @param seconds how long each load lasted
 */
record VisitsResult(
        Instant startedAt,
        HostIdentity host,
        String scheduling,
        int rounds,
        double seconds,
        List<Parameter> parameters,
        List<Measured> settings) {
    VisitsResult {
        parameters = List.copyOf(parameters);
        settings = List.copyOf(settings);
    }

    /** The points of a parameter's curve, in ascending order of its value. */
    List<Measured> curve(Parameter parameter) {
        return settings.stream()
                .filter(one -> one.setting().isOn(parameter))
                .sorted(Comparator.comparingDouble(one -> one.setting().valueOf(parameter)))
                .toList();
    }

    /** A setting, by round. */
    record Measured(Setting setting, List<Round> rounds) {
        Measured {
            rounds = List.copyOf(rounds);
        }

        private List<Cell> cells(Load load) {
            return rounds.stream().map(round -> round.cell(load)).toList();
        }

        Figure figure(Load load, ToDoubleFunction<Cell> value) {
            return Figure.of(cells(load).stream()
                    .map(cell -> new Reading(value.applyAsDouble(cell), cell.disturbances()))
                    .toList());
        }

        /** Microseconds under a load of which latencies are measured; empty if none is left. */
        Optional<Figure> latency(Load load, double percentile) {
            return TimedRun.figure(cells(load), percentile);
        }
    }

    /** All loads, once. */
    record Round(List<Cell> cells) {
        Round {
            cells = List.copyOf(cells);
        }

        Cell cell(Load load) {
            return cells.stream()
                    .filter(cell -> cell.load() == load)
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("no " + load + " in " + cells));
        }
    }

    /**
     * One load.
     *
     * @param framesPerSecond that arrived, both ways together
     * @param workerNanosPerFrame CPU time of both workers for each of them
     * @param nanoseconds the latencies one way; none under flood, where they are not measured
     * @param counts of the frames of which these are
     */
    record Cell(
            Load load,
            double framesPerSecond,
            double workerNanosPerFrame,
            Histogram nanoseconds,
            FlowCounts counts,
            List<String> disturbances)
            implements TimedRun {
        Cell {
            disturbances = List.copyOf(disturbances);
        }

        double megaFrames() {
            return framesPerSecond / 1e6;
        }
    }
}

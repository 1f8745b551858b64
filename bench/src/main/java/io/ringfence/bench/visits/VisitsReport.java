package io.ringfence.bench.visits;

import io.ringfence.bench.report.Block;
import io.ringfence.bench.report.Disturbances;
import io.ringfence.bench.report.Figure;
import io.ringfence.bench.report.Machine;
import io.ringfence.bench.report.Numbers;
import io.ringfence.bench.report.Unarrived;
import io.ringfence.bench.visits.VisitsResult.Cell;
import io.ringfence.bench.visits.VisitsResult.Measured;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/** What the benchmark found, for people: for each parameter a line for each of its values, and the curves. */
final class VisitsReport {
    static final String TITLE = "Ringfence: visits";

    private static final double P50 = 50;
    private static final double P99 = 99;

    private final VisitsResult result;
    private final List<Block> blocks = new ArrayList<>();

    private VisitsReport(VisitsResult result) {
        this.result = result;
    }

    static List<Block> of(VisitsResult result) {
        VisitsReport report = new VisitsReport(result);
        report.introduce();
        result.parameters().forEach(report::parameter);
        report.blocks.addAll(Unarrived.explain(report.blocks));
        report.blocks.addAll(Disturbances.of(result.settings().stream()
                .flatMap(one -> one.rounds().stream())
                .flatMap(round -> round.cells().stream())
                .map(Cell::disturbances)
                .toList()));
        return report.blocks;
    }

    private void introduce() {
        blocks.add(new Block.Prose(
                ("Two VMs of one network with %s of one dataplane CPU each, scheduling %s; frames of 64 bytes; latencies one"
                                + " way, from the time at which a frame was to depart. One number at a time is changed; * marks"
                                + " its value in service. %d rounds, in turn, each time as a process of its own; %s s for each"
                                + " load.")
                        .formatted(
                                VisitsTrial.SHARE,
                                result.scheduling(),
                                result.rounds(),
                                Numbers.short3(result.seconds()))));
        blocks.add(Machine.of(result.startedAt(), result.host()));
    }

    private void parameter(Parameter parameter) {
        List<Measured> curve = result.curve(parameter);
        blocks.add(new Block.Heading("By " + parameter.word()));
        blocks.add(new Block.Prose("%s: %s.".formatted(parameter.title(), parameter.meaning())));
        blocks.add(new Block.Grid(
                columns(parameter),
                curve.stream().map(one -> row(parameter, one)).toList()));
        blocks.add(new Block.Graph(
                "Latency by " + parameter.word(),
                parameter.title(),
                "p50 and p99 in us",
                List.of(
                        latencies(parameter, "p50, ", curve, Load.FEW, P50),
                        latencies(parameter, "p99, ", curve, Load.FEW, P99),
                        latencies(parameter, "p50, ", curve, Load.SOME, P50),
                        latencies(parameter, "p99, ", curve, Load.SOME, P99))));
        blocks.add(new Block.Graph(
                "Frames carried by " + parameter.word(),
                parameter.title(),
                "Mpps",
                List.of(trace(parameter, Load.FLOOD.title(), curve, Load.FLOOD, Cell::megaFrames))));
        blocks.add(new Block.Graph(
                "CPU time of a frame by " + parameter.word(),
                parameter.title(),
                "ns under load",
                List.of(
                        trace(parameter, Load.SOME.title(), curve, Load.SOME, Cell::workerNanosPerFrame),
                        trace(parameter, Load.FLOOD.title(), curve, Load.FLOOD, Cell::workerNanosPerFrame))));
    }

    private static List<String> columns(Parameter parameter) {
        List<String> columns = new ArrayList<>(List.of(parameter.title()));
        for (Load load : Load.values()) {
            if (load.isTimed()) {
                columns.addAll(List.of(load.title() + ": p50, us", "p99, us"));
            } else {
                columns.add(load.title() + ": Mpps");
            }
            columns.add("ns a frame");
        }
        return columns;
    }

    private static List<String> row(Parameter parameter, Measured one) {
        List<String> row = new ArrayList<>();
        row.add(Numbers.short3(one.setting().valueOf(parameter))
                + (one.setting().isUsual() ? " *" : ""));
        for (Load load : Load.values()) {
            if (load.isTimed()) {
                row.add(text(one.latency(load, P50), 1));
                row.add(text(one.latency(load, P99), 0));
            } else {
                row.add(one.figure(load, Cell::megaFrames).text(2));
            }
            row.add(one.figure(load, Cell::workerNanosPerFrame).text(0));
        }
        return row;
    }

    private static String text(Optional<Figure> figure, int decimals) {
        return figure.map(known -> known.text(decimals)).orElse(Numbers.NOTHING);
    }

    private static Block.Trace latencies(
            Parameter parameter, String percentileOf, List<Measured> curve, Load load, double percentile) {
        return trace(parameter, percentileOf + load.title(), curve, one -> one.latency(load, percentile));
    }

    private static Block.Trace trace(
            Parameter parameter, String label, List<Measured> curve, Load load, ToDoubleFunction<Cell> value) {
        return trace(parameter, label, curve, one -> Optional.of(one.figure(load, value)));
    }

    private static Block.Trace trace(
            Parameter parameter, String label, List<Measured> curve, Function<Measured, Optional<Figure>> value) {
        return new Block.Trace(
                label,
                curve.stream()
                        .flatMap(one -> value.apply(one).stream()
                                .map(figure -> new Block.Point(one.setting().valueOf(parameter), figure.median())))
                        .toList());
    }
}

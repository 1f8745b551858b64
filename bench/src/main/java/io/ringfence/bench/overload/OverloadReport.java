package io.ringfence.bench.overload;

import io.ringfence.bench.overload.OverloadResult.Case;
import io.ringfence.bench.overload.OverloadResult.Point;
import io.ringfence.bench.report.Block;
import io.ringfence.bench.report.Disturbances;
import io.ringfence.bench.report.Figure;
import io.ringfence.bench.report.Machine;
import io.ringfence.bench.report.Numbers;
import io.ringfence.bench.report.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** What the benchmark found, for people: the target, then what arrived by what was offered. */
final class OverloadReport {
    static final String TITLE = "Ringfence: overload";

    /** What is to arrive with the largest offer, as a part of the most that arrived with any. */
    private static final double TARGET = 0.95;

    private final OverloadResult result;
    private final List<Block> blocks = new ArrayList<>();

    private OverloadReport(OverloadResult result) {
        this.result = result;
    }

    static List<Block> of(OverloadResult result) {
        OverloadReport report = new OverloadReport(result);
        report.introduce();
        report.targets();
        result.cases().forEach(report::offers);
        report.blocks.addAll(Disturbances.of(result.cases().stream()
                .flatMap(one -> one.runs().stream())
                .flatMap(run -> run.points().stream())
                .map(Point::disturbances)
                .toList()));
        return report.blocks;
    }

    private void introduce() {
        blocks.add(new Block.Prose(
                ("VMs of one network on one dataplane CPU, scheduling %s; %s. Offers are multiples of what arrives while"
                                + " every sender keeps its queue full; what finds no room in a queue is not sent later."
                                + " %d rounds, in turn, each time as a process of its own; %s s for each offer.")
                        .formatted(
                                result.scheduling(),
                                Destinations.reservations(),
                                result.rounds(),
                                Numbers.short3(result.seconds()))));
        blocks.add(Machine.of(result.startedAt(), result.host()));
    }

    private void targets() {
        blocks.add(new Block.Heading("Delivered with the largest offer, as a part of the maximum"));
        List<List<String>> rows = new ArrayList<>();
        for (Case one : result.cases()) {
            Figure kept = one.keptOfMaximum();
            Figure fairness = one.figure(one.times().size() - 1, Point::fairness);
            rows.add(List.of(
                    one.title(),
                    kept.text(3),
                    ">= " + Numbers.plain(TARGET, 2),
                    Verdict.of(kept.median() >= TARGET),
                    kept.calmRounds() + "/" + kept.rounds(),
                    one.runs().stream()
                            .map(run -> Numbers.short3(run.best().times()))
                            .distinct()
                            .collect(Collectors.joining(", ")),
                    fairness.text(2)));
        }
        blocks.add(new Block.Grid(
                List.of("", "part", "wanted", "verdict", "calm", "maximum at", "smallest to largest share"), rows));
        List<Block.Trace> traces = result.cases().stream()
                .map(one -> {
                    double maximum = IntStream.range(0, one.times().size())
                            .mapToDouble(
                                    offer -> one.figure(offer, Point::delivered).median())
                            .max()
                            .orElseThrow();
                    return new Block.Trace(
                            one.title(),
                            IntStream.range(0, one.times().size())
                                    .mapToObj(offer -> new Block.Point(
                                            one.times().get(offer),
                                            one.figure(offer, Point::delivered).median() / maximum))
                                    .toList());
                })
                .toList();
        blocks.add(new Block.Graph("What arrives", "offered, times the capacity", "part of the maximum", traces));
    }

    private void offers(Case one) {
        blocks.add(new Block.Heading(one.title()));
        List<List<String>> rows = new ArrayList<>();
        for (int offer = 0; offer < one.times().size(); offer++) {
            rows.add(List.of(
                    Numbers.short3(one.times().get(offer)),
                    Numbers.plain(one.figure(offer, Point::offered).median() / 1e6, 2),
                    one.figure(offer, point -> point.delivered() / 1e6).text(2),
                    one.figure(offer, Point::fairness).text(2),
                    Numbers.plain(100 * one.figure(offer, Point::droppedShare).median(), 3) + " %",
                    one.figure(offer, Point::workerNanosPerFrame).text(0)));
        }
        blocks.add(new Block.Grid(
                List.of(
                        "times the capacity",
                        "offered, Mpps",
                        "delivered, Mpps",
                        "smallest to largest share",
                        "dropped",
                        "worker ns per frame"),
                rows));
    }
}

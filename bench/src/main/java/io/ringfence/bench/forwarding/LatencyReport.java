package io.ringfence.bench.forwarding;

import io.ringfence.bench.forwarding.ForwardingResult.Latency;
import io.ringfence.bench.forwarding.ForwardingResult.SystemResult;
import io.ringfence.bench.report.Block;
import io.ringfence.bench.report.Figure;
import io.ringfence.bench.report.Numbers;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalDouble;
import org.HdrHistogram.Histogram;

/** The latencies one way with frames of one length, for people. */
final class LatencyReport {
    private static final double P50 = 50;
    private static final double P99 = 99;

    private final int lengthBytes;
    private final List<SystemResult> systems;

    private LatencyReport(int lengthBytes, List<SystemResult> systems) {
        this.lengthBytes = lengthBytes;
        this.systems = systems;
    }

    /** Their part of the report; none if latencies were not measured. */
    static List<Block> of(ForwardingResult result, int lengthBytes) {
        List<SystemResult> measured = result.systems().stream()
                .filter(system ->
                        !system.latencies(PartLoad.COMMON, lengthBytes).isEmpty())
                .toList();
        return measured.isEmpty() ? List.of() : new LatencyReport(lengthBytes, measured).blocks();
    }

    private List<Block> blocks() {
        List<Block> blocks = new ArrayList<>();
        SystemResult slowest = systems.stream()
                .min(Comparator.comparingDouble(system -> system.carriedOneWay(lengthBytes)))
                .orElseThrow();
        blocks.add(new Block.Prose(
                ("Latency one way, first at one rate for all systems: %s frames a second, 10 %% of what %s carried, the least;"
                                + " then at parts of what each carried itself, where a system that carries more is sent more. Only the former"
                                + " compares systems.")
                        .formatted(Numbers.plain(perSecond(slowest, PartLoad.COMMON), 0), slowest.title())));
        blocks.add(bars(P50));
        blocks.add(bars(P99));
        blocks.add(table());
        blocks.addAll(contest());
        for (PartLoad load : PartLoad.values()) {
            blocks.add(new Block.Curves(
                    "Latency one way at " + load.title(),
                    systems.stream().map(system -> curve(system, load)).toList()));
        }
        return blocks;
    }

    private int perSecond(SystemResult system, PartLoad load) {
        return system.latencies(load, lengthBytes).getFirst().perSecond();
    }

    private Figure figure(SystemResult system, PartLoad load, double percentile) {
        return Figure.of(system.latencies(load, lengthBytes).stream()
                .map(latency -> latency.percentile(percentile))
                .toList());
    }

    private Block bars(double percentile) {
        return new Block.Bars(
                "Latency one way, p%.0f, at %s".formatted(percentile, PartLoad.COMMON.title()),
                "us",
                1,
                systems.stream()
                        .map(system -> new Block.Bar(system.title(), figure(system, PartLoad.COMMON, percentile)))
                        .toList(),
                OptionalDouble.empty());
    }

    private Block table() {
        List<List<String>> rows = new ArrayList<>();
        for (PartLoad load : PartLoad.values()) {
            for (SystemResult system : systems) {
                Figure median = figure(system, load, P50);
                rows.add(List.of(
                        "%s: %s".formatted(load.title(), system.title()),
                        Numbers.plain(perSecond(system, load), 0),
                        median.text(1),
                        figure(system, load, P99).text(1),
                        "%d/%d".formatted(median.calmRounds(), median.rounds())));
            }
        }
        return new Block.Grid(List.of("latency at: system", "frames/s", "p50, us", "p99, us", "calm"), rows);
    }

    /** Ringfence under SCHED_DEADLINE, whether its workers reclaim or not, is to add no more latency than Open vSwitch, where queues are laid out alike. */
    private List<Block> contest() {
        List<List<String>> rows = new ArrayList<>();
        for (SystemResult ours : systems) {
            for (SystemResult theirs : systems) {
                if ((ours.system() == Contender.RINGFENCE || ours.system() == Contender.RINGFENCE_RECLAIM)
                        && theirs.system() == Contender.OVS
                        && ours.candidate().rings() == theirs.candidate().rings()) {
                    rows.add(List.of(
                            "%s to %s".formatted(ours.title(), theirs.title()),
                            verdict(ours, theirs, P50),
                            verdict(ours, theirs, P99)));
                }
            }
        }
        List<String> columns = List.of("target: no longer, at %s, us".formatted(PartLoad.COMMON.title()), "p50", "p99");
        return rows.isEmpty() ? List.of() : List.of(new Block.Grid(columns, rows));
    }

    private String verdict(SystemResult ours, SystemResult theirs, double percentile) {
        double own = figure(ours, PartLoad.COMMON, percentile).median();
        double peer = figure(theirs, PartLoad.COMMON, percentile).median();
        return "%s to %s, %s"
                .formatted(
                        Numbers.short3(own),
                        Numbers.short3(peer),
                        own <= peer ? "met" : "MISSED, %s times as long".formatted(Numbers.short3(own / peer)));
    }

    /** The latencies of all calm rounds together. */
    private Block.Curve curve(SystemResult system, PartLoad load) {
        List<Latency> rounds = system.latencies(load, lengthBytes);
        List<Latency> calm =
                rounds.stream().filter(one -> one.disturbances().isEmpty()).toList();
        Histogram sum = new Histogram(3);
        (calm.isEmpty() ? rounds : calm).forEach(one -> sum.add(one.nanoseconds()));
        return new Block.Curve("%s (%d of %d rounds calm)".formatted(system.title(), calm.size(), rounds.size()), sum);
    }
}

package io.ringfence.bench.forwarding;

import io.ringfence.bench.forwarding.ForwardingResult.Latency;
import io.ringfence.bench.forwarding.ForwardingResult.SystemResult;
import io.ringfence.bench.report.Block;
import io.ringfence.bench.report.Figure;
import io.ringfence.bench.report.Numbers;
import io.ringfence.bench.report.TimedRun;
import io.ringfence.bench.report.Verdict;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;

/** The latencies one way with frames of one length, for people. */
final class LatencyReport {
    private static final double P50 = 50;
    private static final double P99 = 99;
    private static final String ABSENCE = "not measured: no latency is left";

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

    /** Of the rounds of which latencies are left; empty if there is none. */
    private Optional<Figure> figure(SystemResult system, PartLoad load, double percentile) {
        return TimedRun.figure(system.latencies(load, lengthBytes), percentile);
    }

    private Block.Bar bar(SystemResult system, double percentile) {
        return figure(system, PartLoad.COMMON, percentile)
                .map(figure -> new Block.Bar(system.title(), figure))
                .orElseGet(() -> Block.Bar.absent(system.title(), ABSENCE));
    }

    private Block bars(double percentile) {
        return new Block.Bars(
                "Latency one way, p%.0f, at %s".formatted(percentile, PartLoad.COMMON.title()),
                "us",
                1,
                systems.stream().map(system -> bar(system, percentile)).toList(),
                OptionalDouble.empty());
    }

    private Block table() {
        List<String> columns = new ArrayList<>(List.of("latency at: system", "frames/s", "p50, us", "p99, us", "calm"));
        boolean anyLost = Stream.of(PartLoad.values())
                .anyMatch(load -> systems.stream().anyMatch(system -> lost(system, load) > 0));
        if (anyLost) {
            columns.add("lost or not sent");
        }
        List<List<String>> rows = new ArrayList<>();
        for (PartLoad load : PartLoad.values()) {
            for (SystemResult system : systems) {
                Optional<Figure> median = figure(system, load, P50);
                List<String> row = new ArrayList<>(List.of(
                        "%s: %s".formatted(load.title(), system.title()),
                        Numbers.plain(perSecond(system, load), 0),
                        median.map(figure -> figure.text(1)).orElse(Numbers.NOTHING),
                        figure(system, load, P99).map(figure -> figure.text(1)).orElse(Numbers.NOTHING),
                        median.map(figure -> "%d/%d".formatted(figure.calmRounds(), figure.rounds()))
                                .orElse(Numbers.NOTHING)));
                if (anyLost) {
                    row.add("%,d".formatted(lost(system, load)));
                }
                rows.add(row);
            }
        }
        return new Block.Grid(columns, rows);
    }

    /** Frames that did not arrive, in all rounds, calm or not. */
    private long lost(SystemResult system, PartLoad load) {
        return system.latencies(load, lengthBytes).stream()
                .mapToLong(latency -> latency.counts().lostOrUnsent())
                .sum();
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
        return rows.isEmpty() ? List.of() : Verdict.explain(new Block.Grid(columns, rows));
    }

    private String verdict(SystemResult ours, SystemResult theirs, double percentile) {
        Optional<Figure> own = figure(ours, PartLoad.COMMON, percentile);
        Optional<Figure> peer = figure(theirs, PartLoad.COMMON, percentile);
        return own.isEmpty() || peer.isEmpty() ? ABSENCE : verdict(own.get(), peer.get());
    }

    private static String verdict(Figure own, Figure peer) {
        String verdict = Verdict.ofTime(own.median() <= peer.median(), own, peer);
        return Verdict.marked(
                "%s to %s, %s".formatted(Numbers.short3(own.median()), Numbers.short3(peer.median()), verdict),
                own,
                peer);
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

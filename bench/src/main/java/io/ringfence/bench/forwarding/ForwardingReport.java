package io.ringfence.bench.forwarding;

import io.ringfence.bench.forwarding.ForwardingResult.Cell;
import io.ringfence.bench.forwarding.ForwardingResult.Latency;
import io.ringfence.bench.forwarding.ForwardingResult.SystemResult;
import io.ringfence.bench.report.Block;
import io.ringfence.bench.report.Disturbances;
import io.ringfence.bench.report.Figure;
import io.ringfence.bench.report.Machine;
import io.ringfence.bench.report.Numbers;
import io.ringfence.bench.report.Reading;
import io.ringfence.bench.report.Unarrived;
import io.ringfence.bench.report.Verdict;
import io.ringfence.bench.traffic.LargeFrame;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/** What the benchmark found, for people: for each length what was carried, at what cost, and beside the peers. */
final class ForwardingReport {
    static final String TITLE = "Ringfence: forwarding";

    private final ForwardingResult result;
    private final List<Block> blocks = new ArrayList<>();

    private ForwardingReport(ForwardingResult result) {
        this.result = result;
    }

    static List<Block> of(ForwardingResult result) {
        ForwardingReport report = new ForwardingReport(result);
        report.introduce();
        lengths(result).forEach(report::length);
        report.blocks.addAll(Unarrived.explain(report.blocks));
        report.blocks.addAll(Disturbances.of(Stream.concat(
                        cells(result).map(Cell::disturbances),
                        result.systems().stream()
                                .flatMap(system -> system.latencyRounds().stream())
                                .flatMap(List::stream)
                                .map(Latency::disturbances))
                .toList()));
        return report.blocks;
    }

    private static List<Integer> lengths(ForwardingResult result) {
        return cells(result).map(Cell::lengthBytes).distinct().toList();
    }

    /** The loads that somebody was measured under with frames of this length. */
    private List<Load> loads(int lengthBytes) {
        return Stream.of(Load.values())
                .filter(load -> result.systems().stream()
                        .anyMatch(system -> !system.cells(load, lengthBytes).isEmpty()))
                .toList();
    }

    private static Stream<Cell> cells(ForwardingResult result) {
        return result.systems().stream()
                .flatMap(system -> system.rounds().stream().flatMap(List::stream));
    }

    private void introduce() {
        blocks.add(new Block.Prose(
                ("Two guests of one network; the packet work of each switch has one CPU, the load another. Rounds: %d,"
                                + " alternated; %s s of warm-up and %s s measured for each figure. Figures compare only"
                                + " within this run.")
                        .formatted(
                                result.rounds(), Numbers.short3(result.seconds()), Numbers.short3(result.seconds()))));
        if (result.systems().stream().anyMatch(system -> system.system().isRingfence())) {
            blocks.add(new Block.Prose("Reserved for each worker of Ringfence, where any are: %s of the CPU."
                    .formatted(Numbers.plain(result.reservedShare(), 3))));
        }
        for (SystemResult system : result.systems()) {
            blocks.add(
                    new Block.Prose(system.title() + ": " + system.candidate().method()));
        }
        result.skipped().forEach(reason -> blocks.add(new Block.Prose(reason)));
        blocks.add(Machine.of(result.startedAt(), result.host()));
    }

    private void length(int lengthBytes) {
        blocks.add(new Block.Heading("Frames of %d bytes".formatted(lengthBytes)
                + (lengthBytes == LargeFrame.LENGTH_BYTES ? ", TCP to be cut, between guests with offloads" : "")));
        // A million of large frames a second there are not; thousands are.
        double scale = lengthBytes == LargeFrame.LENGTH_BYTES ? 1e3 : 1e6;
        for (Load load : loads(lengthBytes)) {
            List<Block.Bar> bars = result.systems().stream()
                    .filter(system -> !system.cells(load, lengthBytes).isEmpty())
                    .map(system -> new Block.Bar(
                            system.title(),
                            figure(system.cells(load, lengthBytes), cell -> cell.framesPerSecond() / scale)))
                    .toList();
            blocks.add(new Block.Bars(
                    "Carried, " + load.title(), scale == 1e3 ? "kpps" : "Mpps", 2, bars, OptionalDouble.empty()));
        }
        if (lengthBytes == LargeFrame.LENGTH_BYTES) {
            result.systems().stream()
                    .flatMap(system -> system.system().largeFramesNote().stream())
                    .distinct()
                    .forEach(note -> blocks.add(new Block.Prose(note)));
        }
        ratios(lengthBytes);
        details(lengthBytes);
        blocks.addAll(LatencyReport.of(result, lengthBytes));
    }

    private static Figure figure(List<Cell> cells, ToDoubleFunction<Cell> value) {
        return Figure.of(cells.stream()
                .map(cell -> cell.reading(value.applyAsDouble(cell)))
                .toList());
    }

    private static Figure mpps(List<Cell> cells) {
        return figure(cells, cell -> cell.framesPerSecond() / 1e6);
    }

    private Optional<SystemResult> of(Contender system, Rings rings) {
        return result.systems().stream()
                .filter(one -> one.candidate().equals(new Candidate(system, rings)))
                .findFirst();
    }

    /**
     * Each of Ringfence's to the others, where queues are laid out alike; what SCHED_DEADLINE does to it; then packed queues to split
     * ones, system by system.
     */
    private void ratios(int lengthBytes) {
        for (SystemResult theirs : result.systems()) {
            if (theirs.system() != Contender.RINGFENCE) {
                of(Contender.RINGFENCE, theirs.candidate().rings())
                        .ifPresent(ours -> ratios(ours, theirs, lengthBytes));
            }
        }
        for (SystemResult theirs : result.systems()) {
            if (!theirs.system().isRingfence()) {
                for (Contender variant : List.of(Contender.RINGFENCE_RECLAIM, Contender.RINGFENCE_OTHER)) {
                    of(variant, theirs.candidate().rings()).ifPresent(ours -> ratios(ours, theirs, lengthBytes));
                }
            }
        }
        for (SystemResult packed : result.systems()) {
            if (packed.candidate().rings() == Rings.PACKED) {
                of(packed.system(), Rings.SPLIT).ifPresent(split -> ratios(packed, split, lengthBytes));
            }
        }
    }

    private void ratios(SystemResult ours, SystemResult theirs, int lengthBytes) {
        String title = "%s to %s".formatted(ours.title(), theirs.title());
        List<Block.Bar> bars = new ArrayList<>();
        List<List<String>> rows = new ArrayList<>();
        for (Load load : loads(lengthBytes)) {
            List<Cell> own = ours.cells(load, lengthBytes);
            List<Cell> peer = theirs.cells(load, lengthBytes);
            if (own.isEmpty() || peer.isEmpty()) {
                continue;
            }
            bars.add(new Block.Bar(load.title(), Figure.ratio(readings(own), readings(peer))));
            Figure carried = mpps(own);
            Figure carriedByPeer = mpps(peer);
            double ofMedians = carried.median() / carriedByPeer.median();
            double perCpuSecond = cpuNanos(peer).median() / cpuNanos(own).median();
            Optional<Target> target = Target.of(ours.system(), theirs.system(), load, lengthBytes);
            rows.add(List.of(
                    load.title(),
                    Numbers.plain(ofMedians, 2),
                    Verdict.marked(
                            target.map(aim -> aim.verdictOnCarried(ofMedians)).orElse(""), carried, carriedByPeer),
                    Numbers.plain(perCpuSecond, 2),
                    Verdict.marked(
                            target.map(aim -> aim.verdictPerCpuSecond(perCpuSecond))
                                    .orElse(""),
                            carried,
                            carriedByPeer)));
        }
        if (rows.isEmpty()) {
            return;
        }
        blocks.add(
                new Block.Bars(title + ", ratio of frames carried, round by round", "", 2, bars, OptionalDouble.of(1)));
        blocks.addAll(Verdict.explain(new Block.Grid(
                List.of(title, "ratio of medians", "target", "per CPU second used", "its target"), rows)));
    }

    private static Figure cpuNanos(List<Cell> cells) {
        return figure(cells, Cell::cpuNanosPerFrame);
    }

    private static List<Reading> readings(List<Cell> cells) {
        return cells.stream().map(cell -> cell.reading(cell.framesPerSecond())).toList();
    }

    private void details(int lengthBytes) {
        List<List<String>> rows = new ArrayList<>();
        for (Load load : loads(lengthBytes)) {
            for (SystemResult system : result.systems()) {
                List<Cell> cells = system.cells(load, lengthBytes);
                if (cells.isEmpty()) {
                    continue;
                }
                Figure cpu = cpuNanos(cells);
                Figure lost = figure(cells, Cell::lostShare);
                double mpps = mpps(cells).median();
                rows.add(List.of(
                        load.title() + ": " + system.title(),
                        Numbers.plain(mpps * lengthBytes * 8 / 1e3, 2),
                        cpu.text(0),
                        Numbers.plain(1e3 / cpu.median(), 2),
                        lost.median() < 0 ? Numbers.NOTHING : Numbers.plain(100 * lost.median(), 3) + " %"));
            }
        }
        blocks.add(new Block.Grid(
                List.of("load: system", "Gbit/s", "CPU ns per frame", "M frames per CPU second", "lost"), rows));
    }
}

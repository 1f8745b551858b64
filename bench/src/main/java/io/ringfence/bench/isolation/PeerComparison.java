package io.ringfence.bench.isolation;

import io.ringfence.bench.isolation.IsolationResult.Measured;
import io.ringfence.bench.isolation.IsolationResult.Pair;
import io.ringfence.bench.isolation.IsolationResult.VariantResult;
import io.ringfence.bench.report.Block;
import io.ringfence.bench.report.Figure;
import io.ringfence.bench.report.Numbers;
import io.ringfence.bench.report.TimedRun;
import io.ringfence.bench.report.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The victim's latencies themselves, through Ringfence as it promises to be and through other switches. */
final class PeerComparison {
    private static final double[] PERCENTILES = {50, 90, 99};
    private static final double P50 = 50;
    private static final double P99 = 99;

    private final List<VariantResult> systems;
    /** The rows; null for the victim alone. */
    private final List<@Nullable Aggressor> situations = new ArrayList<>();

    private PeerComparison(List<VariantResult> systems, List<Aggressor> aggressors) {
        this.systems = systems;
        situations.add(null);
        situations.addAll(aggressors);
        situations.remove(Aggressor.NONE);
    }

    /** Their part of the report; none if no other switch was measured. */
    static List<Block> of(IsolationResult result, List<Aggressor> aggressors) {
        List<VariantResult> measured = result.variants().stream()
                .filter(system -> system.variant().isFull() || system.variant().isPeer())
                .filter(system -> system.rounds().stream()
                        .anyMatch(round -> !round.pairs().isEmpty()))
                .toList();
        return measured.stream().anyMatch(system -> system.variant().isPeer())
                ? new PeerComparison(measured, aggressors).blocks()
                : List.of();
    }

    private List<Block> blocks() {
        List<Block> blocks = new ArrayList<>();
        blocks.add(new Block.Heading("Other switches"));
        blocks.add(new Block.Prose(
                "The victim's p50 / p90 / p99, medians of the calm runs, or of all where none was calm (*); – where every"
                        + " latency was left out, n/a where the aggressor cannot act."));
        blocks.add(latencies());
        systems.stream().filter(system -> system.variant().isFull()).findFirst().ifPresent(ours -> {
            blocks.add(new Block.Prose("Ratios of these medians; above 1, the victim waits longer in Ringfence."));
            blocks.add(ratios(ours));
            blocks.addAll(contest(ours));
        });
        situations.forEach(situation -> blocks.add(bars(situation)));
        return blocks;
    }

    private static String label(@Nullable Aggressor situation) {
        return situation == null ? "alone" : situation.word();
    }

    private Block latencies() {
        List<String> columns = new ArrayList<>(List.of("us"));
        systems.forEach(system -> columns.add(system.variant().word()));
        List<List<String>> rows = new ArrayList<>();
        for (Aggressor situation : situations) {
            List<String> row = new ArrayList<>(List.of(label(situation)));
            for (VariantResult system : systems) {
                row.add(cell(system, situation));
            }
            rows.add(row);
        }
        return new Block.Grid(columns, rows);
    }

    private static String cell(VariantResult system, @Nullable Aggressor situation) {
        return figure(system, situation, P99)
                .map(p99 ->
                        Verdict.marked(join(DoubleStream.of(PERCENTILES).map(p -> median(system, situation, p))), p99))
                .orElseGet(() -> absent(system, situation));
    }

    private Block ratios(VariantResult ours) {
        List<VariantResult> peers =
                systems.stream().filter(system -> system.variant().isPeer()).toList();
        List<String> columns =
                new ArrayList<>(List.of("`%s` to".formatted(ours.variant().word())));
        peers.forEach(peer -> columns.add(peer.variant().word()));
        List<List<String>> rows = new ArrayList<>();
        for (Aggressor situation : situations) {
            List<String> row = new ArrayList<>(List.of(label(situation)));
            for (VariantResult peer : peers) {
                row.add(
                        isMeasured(ours, situation) && isMeasured(peer, situation)
                                ? join(DoubleStream.of(PERCENTILES)
                                        .map(p -> median(ours, situation, p) / median(peer, situation, p)))
                                : absent(peer, situation));
            }
            rows.add(row);
        }
        return new Block.Grid(columns, rows);
    }

    /** The cases in which the victim is to wait less than behind a polling thread. */
    private List<Block> contest(VariantResult ours) {
        List<List<String>> rows = new ArrayList<>();
        for (VariantResult peer : systems) {
            for (Aggressor situation : situations) {
                if (peer.variant() == Variant.OVS
                        && situation != null
                        && situation.isContest()
                        && isMeasured(ours, situation)
                        && isMeasured(peer, situation)) {
                    rows.add(List.of(
                            situation.word(),
                            verdict(ours, peer, situation, P50),
                            verdict(ours, peer, situation, P99)));
                }
            }
        }
        List<String> columns = List.of(
                "target: `%s` below `%s`, us".formatted(ours.variant().word(), Variant.OVS.word()), "p50", "p99");
        return rows.isEmpty() ? List.of() : Verdict.explain(new Block.Grid(columns, rows));
    }

    private static String verdict(VariantResult ours, VariantResult theirs, Aggressor situation, double percentile) {
        Optional<Figure> ownFigure = figure(ours, situation, percentile);
        Optional<Figure> peerFigure = figure(theirs, situation, percentile);
        return ownFigure.isEmpty() || peerFigure.isEmpty()
                ? IsolationReport.UNMEASURED
                : verdict(ownFigure.get(), peerFigure.get());
    }

    private static String verdict(Figure own, Figure peer) {
        String verdict = Verdict.ofTime(own.median() < peer.median(), own, peer);
        return Verdict.marked(
                "%s to %s %s".formatted(Numbers.short3(own.median()), Numbers.short3(peer.median()), verdict),
                own,
                peer);
    }

    private Block bars(@Nullable Aggressor situation) {
        return new Block.Bars(
                "victim's p99, %s".formatted(situation == null ? "alone" : "beside " + situation.word()),
                "us",
                1,
                systems.stream()
                        .flatMap(
                                system -> figure(system, situation, P99)
                                        .map(figure ->
                                                new Block.Bar(system.variant().word(), figure))
                                        .stream())
                        .toList(),
                OptionalDouble.empty());
    }

    private static List<Measured> runs(VariantResult system, @Nullable Aggressor situation) {
        Stream<Measured> runs = situation == null
                ? system.rounds().stream()
                        .flatMap(round -> round.pairs().stream())
                        .map(Pair::without)
                : system.pairs(situation).stream().map(Pair::with);
        return runs.toList();
    }

    private static Optional<Figure> figure(VariantResult system, @Nullable Aggressor situation, double percentile) {
        return TimedRun.figure(runs(system, situation), percentile);
    }

    private static boolean isMeasured(VariantResult system, @Nullable Aggressor situation) {
        return figure(system, situation, P99).isPresent();
    }

    /** No number if there is none. */
    private static double median(VariantResult system, @Nullable Aggressor situation, double percentile) {
        return figure(system, situation, percentile).map(Figure::median).orElse(Double.NaN);
    }

    private static String absent(VariantResult system, @Nullable Aggressor situation) {
        return situation == null || system.variant().launch().allows(situation) ? Numbers.NOTHING : "n/a";
    }

    private static String join(DoubleStream values) {
        return values.mapToObj(Numbers::short3).collect(Collectors.joining(" / "));
    }
}

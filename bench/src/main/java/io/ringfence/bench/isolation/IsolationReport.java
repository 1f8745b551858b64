package io.ringfence.bench.isolation;

import io.ringfence.bench.isolation.IsolationResult.Pair;
import io.ringfence.bench.isolation.IsolationResult.VariantResult;
import io.ringfence.bench.report.Block;
import io.ringfence.bench.report.Disturbances;
import io.ringfence.bench.report.Figure;
import io.ringfence.bench.report.Machine;
import io.ringfence.bench.report.Numbers;
import io.ringfence.bench.report.Unarrived;
import io.ringfence.bench.report.Verdict;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** What the benchmark found, for people: the targets, all factors at a glance, then every {@linkplain AggressorReport aggressor in detail}. */
final class IsolationReport {
    static final String TITLE = "Ringfence: isolation";

    static final double IF99_TARGET = 1.10;
    static final double IF999_TARGET = 1.25;
    static final String UNMEASURED = "not measured";

    private static final double P50 = 50;
    private static final double P99 = 99;
    private static final double P999 = 99.9;
    private static final double DEVIATION_TARGET_PERCENT = 1;

    private final IsolationResult result;
    private final List<Block> blocks = new ArrayList<>();

    private IsolationReport(IsolationResult result) {
        this.result = result;
    }

    static List<Block> of(IsolationResult result) {
        IsolationReport report = new IsolationReport(result);
        report.introduce();
        List<Aggressor> aggressors = report.aggressors();
        if (!aggressors.isEmpty()) {
            report.targets(aggressors);
            report.overviews(aggressors);
            report.blocks.addAll(PeerComparison.of(result, aggressors));
        }
        aggressors.forEach(aggressor -> report.blocks.addAll(AggressorReport.of(result, aggressor)));
        report.blocks.addAll(Unarrived.explain(report.blocks));
        report.disturbances();
        return report.blocks;
    }

    /** Those of which there is anything to report. */
    private List<Aggressor> aggressors() {
        return List.of(Aggressor.values()).stream()
                .filter(aggressor -> result.variants().stream()
                        .anyMatch(variant -> !variant.pairs(aggressor).isEmpty()))
                .toList();
    }

    private void introduce() {
        blocks.add(new Block.Prose(
                ("A victim VM sends %,d frames of %d bytes a second to its receiver, open loop; the latency of each counts from"
                                + " when it was to leave to when it arrived; one that was lost or could not leave took longer than any other. Its neighbours have the same dataplane CPU. IF99"
                                + " (IF99.9) is the victim's p99 (p99.9) beside an aggressor divided by that alone, right"
                                + " before or after. Every variant is started %d times in turn, as a process of its"
                                + " own (once more for each other number of VMs), and each time measured with each aggressor in two rounds: %s s alone and %s s beside it."
                                + " Figures compare only within this run.")
                        .formatted(
                                result.framesPerSecond(),
                                Testbed.LENGTH_BYTES,
                                result.rounds(),
                                Numbers.short3(result.seconds()),
                                Numbers.short3(result.seconds()))));
        blocks.add(new Block.Prose("Runtime and period of the workers where they are reserved: "
                + Company.MIXED.reservations()
                + "; with 2, 4 or 8 plain aggressors, each its part of 1300/4000 us. The aggressors send as much as their queue"
                + " takes."));
        blocks.add(Machine.of(result.startedAt(), result.host()));
        for (VariantResult variant : result.variants()) {
            String limit = variant.variant().limit();
            blocks.add(new Block.Prose("%s: %s%s%s"
                    .formatted(
                            variant.variant().word(),
                            variant.variant().title(),
                            limit.isEmpty() ? "." : " (%s for each aggressor).".formatted(limit),
                            variant.failures().isEmpty()
                                    ? ""
                                    : " NOT MEASURED in some or all rounds: "
                                            + String.join("; ", variant.failures()))));
        }
    }

    private void targets(List<Aggressor> aggressors) {
        for (VariantResult full : result.variants()) {
            if (full.variant().isFull()) {
                List<List<String>> rows = new ArrayList<>();
                for (Aggressor aggressor : aggressors) {
                    if (!full.pairs(aggressor).isEmpty()) {
                        rows.add(verdicts(aggressor, new Impact(full.pairs(aggressor))));
                    }
                }
                blocks.add(new Block.Heading("Targets"));
                blocks.add(new Block.Grid(
                        List.of(
                                "`%s` beside".formatted(full.variant().word()),
                                "IF99 <= " + Numbers.plain(IF99_TARGET, 2),
                                "IF99.9 <= " + Numbers.plain(IF999_TARGET, 2),
                                "deviation <= %s %%".formatted(Numbers.plain(DEVIATION_TARGET_PERCENT, 0)),
                                "frames lost: 0",
                                "calm"),
                        rows));
            }
        }
    }

    private static List<String> verdicts(Aggressor aggressor, Impact impact) {
        long lost = impact.lostBeside();
        Optional<Figure> factor = impact.isolationFactor(P99);
        return List.of(
                aggressor.word(),
                factor.isPresent() ? verdict(factor.get(), IF99_TARGET) : impact.absence(),
                impact.isolationFactor(P999)
                        .map(figure -> verdict(figure, IF999_TARGET))
                        .orElse(UNMEASURED),
                impact.goodputDeviation()
                        .map(figure -> verdict(figure, DEVIATION_TARGET_PERCENT))
                        .orElse(UNMEASURED),
                "%,d %s".formatted(lost, Verdict.of(lost == 0)),
                factor.map(Figure::calmRounds).orElse(0) + "/" + impact.pairs().size());
    }

    private static String verdict(Figure figure, double target) {
        return Numbers.plain(figure.median(), 2) + " " + Verdict.of(figure.median() <= target);
    }

    private void overviews(List<Aggressor> aggressors) {
        blocks.add(new Block.Heading("Variants side by side"));
        blocks.add(new Block.Prose("Medians by round; * where no round was calm."));
        recoveries(aggressors);
        overview("IF99", aggressors, 2, impact -> impact.isolationFactor(P99));
        overview("IF99.9", aggressors, 2, impact -> impact.isolationFactor(P999));
        overview("victim's p50 beside it, us", aggressors, 0, impact -> impact.beside(P50));
        overview("victim's p99 beside it, us", aggressors, 0, impact -> impact.beside(P99));
    }

    /** Without the rounds in which nothing was recovered there would be no median worth the name: so the longest of them. */
    private void recoveries(List<Aggressor> aggressors) {
        List<String> columns = new ArrayList<>(List.of("recovered after, longest of the rounds"));
        result.variants().forEach(variant -> columns.add(variant.variant().word()));
        List<List<String>> rows = new ArrayList<>();
        for (Aggressor aggressor : aggressors) {
            List<String> row = new ArrayList<>(List.of(aggressor.word()));
            for (VariantResult variant : result.variants()) {
                row.add(variant.onsets(aggressor).stream()
                        .max(Comparator.comparingDouble(Onset::longest))
                        .map(Onset::recovered)
                        .orElse(Numbers.NOTHING));
            }
            rows.add(row);
        }
        if (rows.stream().anyMatch(row -> row.stream().skip(1).anyMatch(cell -> !cell.equals(Numbers.NOTHING)))) {
            blocks.add(new Block.Prose(
                    ("Recovered: how long after the aggressor's start, in the middle of a run, the victim's latency is again what it"
                                    + " was: the first ten windows of %s of which nine have a p99 within 1.25 of what nine of ten had"
                                    + " before, of all frames that were due in a window; \"not\" if that did not come while the aggressor acted; * in a disturbed run.")
                            .formatted(Onset.window(result.seconds()))));
            blocks.add(new Block.Grid(columns, rows));
        }
    }

    private void overview(
            String title, List<Aggressor> aggressors, int decimals, Function<Impact, Optional<Figure>> value) {
        List<String> columns = new ArrayList<>(List.of(title));
        result.variants().forEach(variant -> columns.add(variant.variant().word()));
        List<List<String>> rows = new ArrayList<>();
        for (Aggressor aggressor : aggressors) {
            List<String> row = new ArrayList<>(List.of(aggressor.word()));
            for (VariantResult variant : result.variants()) {
                List<Pair> pairs = variant.pairs(aggressor);
                row.add(
                        pairs.isEmpty()
                                ? absent(variant.variant(), aggressor)
                                : value.apply(new Impact(pairs))
                                        .map(figure -> marked(figure, decimals))
                                        .orElse(UNMEASURED));
            }
            rows.add(row);
        }
        blocks.add(new Block.Grid(columns, rows));
    }

    private static String absent(Variant variant, Aggressor aggressor) {
        return variant.launch().allows(aggressor) ? Numbers.NOTHING : "n/a";
    }

    private static String marked(Figure figure, int decimals) {
        return Verdict.marked(Numbers.plain(figure.median(), decimals), figure);
    }

    private void disturbances() {
        List<List<String>> runs = new ArrayList<>();
        for (VariantResult variant : result.variants()) {
            for (IsolationResult.Round round : variant.rounds()) {
                for (Pair pair : round.pairs()) {
                    runs.add(pair.without().disturbances());
                    runs.add(pair.with().disturbances());
                }
                round.onsets().forEach(onset -> runs.add(onset.disturbances()));
            }
        }
        blocks.addAll(Disturbances.of(runs));
    }
}

package io.ringfence.bench.isolation;

import io.ringfence.bench.isolation.IsolationResult.Pair;
import io.ringfence.bench.isolation.IsolationResult.VariantResult;
import io.ringfence.bench.report.Block;
import io.ringfence.bench.report.Disturbances;
import io.ringfence.bench.report.Figure;
import io.ringfence.bench.report.Machine;
import io.ringfence.bench.report.Numbers;
import io.ringfence.bench.report.Verdict;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/** What the benchmark found, for people: the targets, all factors at a glance, then every aggressor in detail. */
final class IsolationReport {
    static final String TITLE = "Ringfence: isolation";

    private static final double P50 = 50;
    private static final double P90 = 90;
    private static final double P99 = 99;
    private static final double P999 = 99.9;
    private static final double IF99_TARGET = 1.10;
    private static final double IF999_TARGET = 1.25;
    private static final double DEVIATION_TARGET_PERCENT = 1;
    private static final String UNMEASURED = "not measured";

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
        aggressors.forEach(report::aggressor);
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

    private List<VariantResult> measured(Aggressor aggressor) {
        return result.variants().stream()
                .filter(variant -> !variant.pairs(aggressor).isEmpty())
                .toList();
    }

    private void introduce() {
        blocks.add(new Block.Prose(
                ("A victim VM sends %,d frames of %d bytes a second to its receiver, open loop; the latency of each counts from"
                                + " when it was to leave to when it arrived. Its neighbours have the same dataplane CPU. IF99"
                                + " (IF99.9) is the victim's p99 (p99.9) beside an aggressor divided by that alone, right"
                                + " before or after. Every variant is started %d times in turn, as a process of its"
                                + " own (once more for each other number of VMs), and each time measured with each aggressor in two rounds: %s s alone and %s s beside it."
                                + " Figures compare only within this run.")
                        .formatted(
                                Testbed.STREAM.perSecond(),
                                Testbed.STREAM.lengthBytes(),
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
                        .max(Comparator.comparingDouble(
                                onset -> onset.recoverySeconds().orElse(Double.MAX_VALUE)))
                        .map(IsolationReport::recovery)
                        .orElse("–"));
            }
            rows.add(row);
        }
        if (rows.stream().anyMatch(row -> row.stream().skip(1).anyMatch(cell -> !cell.equals("–")))) {
            blocks.add(
                    new Block.Prose(
                            "Recovered: how long after the aggressor's start, in the middle of a run, the victim's latency is again what it"
                                    + " was: the first ten windows of 10 ms of which nine have a p99 within 1.25 of what nine of ten had"
                                    + " before; \"not\" if that did not come while the aggressor acted; * in a disturbed run."));
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
        return variant.launch().allows(aggressor) ? "–" : "n/a";
    }

    private static String marked(Figure figure, int decimals) {
        return Verdict.marked(Numbers.plain(figure.median(), decimals), figure);
    }

    private void aggressor(Aggressor aggressor) {
        blocks.add(new Block.Heading("%s: %s".formatted(aggressor.word(), aggressor.title())));
        latencies(aggressor);
        factors("IF99", aggressor, P99, IF99_TARGET);
        factors("IF99.9", aggressor, P999, IF999_TARGET);
        carried(aggressor);
        List<Block.Curve> curves = new ArrayList<>();
        for (VariantResult variant : measured(aggressor)) {
            Impact impact = new Impact(variant.pairs(aggressor));
            curves.add(new Block.Curve(variant.variant().word() + ", alone", impact.curveAlone()));
            curves.add(new Block.Curve(variant.variant().word() + ", beside it", impact.curveBeside()));
        }
        blocks.add(new Block.Curves("Calm rounds together (all, where none was calm)", curves));
        onsets(aggressor);
    }

    /** What its start did: all rounds as numbers, the first one of each variant as a line. */
    private void onsets(Aggressor aggressor) {
        List<List<String>> rows = new ArrayList<>();
        List<Block.Line> lines = new ArrayList<>();
        double start = 0;
        for (VariantResult variant : result.variants()) {
            List<Onset> onsets = variant.onsets(aggressor);
            if (!onsets.isEmpty()) {
                rows.add(List.of(
                        variant.variant().word(),
                        each(onsets, IsolationReport::recovery),
                        each(onsets, onset -> micros(onset.beforeNanos().orElse(0))),
                        each(onsets, onset -> micros((double) onset.worstNanos()))));
                lines.add(new Block.Line(
                        variant.variant().word(), onsets.getFirst().slices()));
                start = onsets.getFirst().startSeconds();
            }
        }
        if (!rows.isEmpty()) {
            blocks.add(new Block.Grid(
                    List.of(
                            "when it starts, each round",
                            "recovered after",
                            "p99 before, us",
                            "worst window since, us"),
                    rows));
            blocks.add(new Block.Course(
                    "Latency over time, windows of 10 ms, first round",
                    lines,
                    OptionalDouble.of(start),
                    aggressor.word()));
        }
    }

    private static String each(List<Onset> onsets, Function<Onset, String> value) {
        return String.join("; ", onsets.stream().map(value).toList());
    }

    private static String recovery(Onset onset) {
        OptionalDouble seconds = onset.recoverySeconds();
        String text = seconds.isPresent() ? Numbers.plain(1e3 * seconds.getAsDouble(), 0) + " ms" : "not";
        return onset.disturbances().isEmpty() ? text : text + " *";
    }

    private static String micros(double nanos) {
        return Numbers.short3(nanos / 1e3);
    }

    private void latencies(Aggressor aggressor) {
        List<List<String>> rows = new ArrayList<>();
        for (VariantResult variant : measured(aggressor)) {
            Impact impact = new Impact(variant.pairs(aggressor));
            rows.add(List.of(
                    variant.variant().word(),
                    change(impact, P50),
                    change(impact, P90),
                    change(impact, P99),
                    change(impact, P999)));
        }
        blocks.add(new Block.Grid(
                List.of("victim's latency, us, alone and beside it, medians", "p50", "p90", "p99", "p99.9"), rows));
    }

    private static String change(Impact impact, double percentile) {
        return "%s → %s".formatted(median(impact.alone(percentile)), median(impact.beside(percentile)));
    }

    private static String median(Optional<Figure> figure) {
        return figure.map(known -> Numbers.short3(known.median())).orElse("–");
    }

    private void factors(String title, Aggressor aggressor, double percentile, double target) {
        List<Block.Bar> bars = new ArrayList<>();
        for (VariantResult variant : measured(aggressor)) {
            Impact impact = new Impact(variant.pairs(aggressor));
            String label = variant.variant().word();
            bars.add(impact.isolationFactor(percentile)
                    .map(figure -> new Block.Bar(label, figure))
                    .orElseGet(() -> Block.Bar.absent(label, impact.absence())));
        }
        blocks.add(new Block.Bars(title, "", 2, bars, OptionalDouble.of(target)));
    }

    private void carried(Aggressor aggressor) {
        List<List<String>> rows = new ArrayList<>();
        for (VariantResult variant : measured(aggressor)) {
            Impact impact = new Impact(variant.pairs(aggressor));
            rows.add(List.of(
                    variant.variant().word(),
                    impact.goodputDeviation()
                            .map(figure -> figure.text(2) + " %")
                            .orElse(UNMEASURED),
                    "%,d".formatted(impact.lostAlone()),
                    "%,d".formatted(impact.lostBeside()),
                    impact.neighbours().text(0),
                    operations(variant.pairs(aggressor))));
        }
        blocks.add(new Block.Grid(
                List.of(
                        "carried",
                        "victim's goodput deviates",
                        "lost alone",
                        "lost beside it",
                        "neighbours' frames/s",
                        "other acts/s"),
                rows));
    }

    private static String operations(List<Pair> pairs) {
        double perSecond = mean(
                pairs,
                pair -> pair.with().operations().stream()
                                .mapToLong(done -> done.count())
                                .sum()
                        / pair.with().seconds());
        List<String> failures = pairs.stream()
                .flatMap(pair -> pair.with().operations().stream())
                .flatMap(done -> done.failures().stream())
                .distinct()
                .toList();
        return (perSecond == 0 ? "–" : Numbers.plain(perSecond, 0))
                + (failures.isEmpty() ? "" : " FAILED: " + String.join("; ", failures));
    }

    private static double mean(List<Pair> pairs, ToDoubleFunction<Pair> value) {
        return pairs.stream().mapToDouble(value).average().orElse(0);
    }

    private void disturbances() {
        List<List<String>> runs = new ArrayList<>();
        for (VariantResult variant : result.variants()) {
            for (IsolationResult.Round round : variant.rounds()) {
                for (Pair pair : round.pairs()) {
                    runs.add(pair.without().disturbances());
                    runs.add(pair.with().disturbances());
                }
            }
        }
        blocks.addAll(Disturbances.of(runs));
    }
}

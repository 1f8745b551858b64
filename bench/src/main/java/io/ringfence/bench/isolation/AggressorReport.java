package io.ringfence.bench.isolation;

import io.ringfence.bench.isolation.IsolationResult.Pair;
import io.ringfence.bench.isolation.IsolationResult.VariantResult;
import io.ringfence.bench.report.Block;
import io.ringfence.bench.report.Figure;
import io.ringfence.bench.report.Numbers;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/** What one aggressor did to the victim, variant by variant, for people. */
final class AggressorReport {
    private static final double P50 = 50;
    private static final double P90 = 90;
    private static final double P99 = 99;
    private static final double P999 = 99.9;

    private final IsolationResult result;
    private final Aggressor aggressor;
    /** The variants that were measured beside it. */
    private final List<VariantResult> measured;

    private final List<Block> blocks = new ArrayList<>();

    private AggressorReport(IsolationResult result, Aggressor aggressor) {
        this.result = result;
        this.aggressor = aggressor;
        measured = result.variants().stream()
                .filter(variant -> !variant.pairs(aggressor).isEmpty())
                .toList();
    }

    /** Its part of the report. */
    static List<Block> of(IsolationResult result, Aggressor aggressor) {
        AggressorReport report = new AggressorReport(result, aggressor);
        report.describe();
        return report.blocks;
    }

    private void describe() {
        blocks.add(new Block.Heading("%s: %s".formatted(aggressor.word(), aggressor.title())));
        latencies();
        factors("IF99", P99, IsolationReport.IF99_TARGET);
        factors("IF99.9", P999, IsolationReport.IF999_TARGET);
        carried();
        List<Block.Curve> curves = new ArrayList<>();
        for (VariantResult variant : measured) {
            Impact impact = new Impact(variant.pairs(aggressor));
            curves.add(new Block.Curve(variant.variant().word() + ", alone", impact.curveAlone()));
            curves.add(new Block.Curve(variant.variant().word() + ", beside it", impact.curveBeside()));
        }
        blocks.add(new Block.Curves("Calm rounds together (all, where none was calm)", curves));
        onsets();
    }

    /** What its start did: all rounds as numbers, the first one of each variant as a line. */
    private void onsets() {
        List<List<String>> rows = new ArrayList<>();
        List<Block.Line> lines = new ArrayList<>();
        double start = 0;
        for (VariantResult variant : result.variants()) {
            List<Onset> onsets = variant.onsets(aggressor);
            if (!onsets.isEmpty()) {
                rows.add(List.of(
                        variant.variant().word(),
                        each(onsets, Onset::recovered),
                        each(onsets, onset -> micros(onset.beforeNanos())),
                        each(onsets, onset -> micros(onset.worstNanos()))));
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
                    "Latency over time, windows of %s, first round".formatted(Onset.window(result.seconds())),
                    lines,
                    OptionalDouble.of(start),
                    aggressor.word()));
        }
    }

    private static String each(List<Onset> onsets, Function<Onset, String> value) {
        return String.join("; ", onsets.stream().map(value).toList());
    }

    private static String micros(OptionalDouble nanos) {
        return nanos.isPresent() ? Numbers.short3(nanos.getAsDouble() / 1e3) : Numbers.NOTHING;
    }

    private void latencies() {
        List<List<String>> rows = new ArrayList<>();
        for (VariantResult variant : measured) {
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
        return figure.map(known -> Numbers.short3(known.median())).orElse(Numbers.NOTHING);
    }

    private void factors(String title, double percentile, double target) {
        List<Block.Bar> bars = new ArrayList<>();
        for (VariantResult variant : measured) {
            Impact impact = new Impact(variant.pairs(aggressor));
            String label = variant.variant().word();
            bars.add(impact.isolationFactor(percentile)
                    .map(figure -> new Block.Bar(label, figure))
                    .orElseGet(() -> Block.Bar.absent(label, impact.absence())));
        }
        blocks.add(new Block.Bars(title, "", 2, bars, OptionalDouble.of(target)));
    }

    private void carried() {
        List<List<String>> rows = new ArrayList<>();
        for (VariantResult variant : measured) {
            Impact impact = new Impact(variant.pairs(aggressor));
            rows.add(List.of(
                    variant.variant().word(),
                    impact.goodputDeviation()
                            .map(figure -> figure.text(2) + " %")
                            .orElse(IsolationReport.UNMEASURED),
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
        return (perSecond == 0 ? Numbers.NOTHING : Numbers.plain(perSecond, 0))
                + (failures.isEmpty() ? "" : " FAILED: " + String.join("; ", failures));
    }

    private static double mean(List<Pair> pairs, ToDoubleFunction<Pair> value) {
        return pairs.stream().mapToDouble(value).average().orElse(0);
    }
}

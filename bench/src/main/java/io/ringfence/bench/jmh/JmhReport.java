package io.ringfence.bench.jmh;

import io.ringfence.bench.jmh.JmhResult.Score;
import io.ringfence.bench.report.Block;
import io.ringfence.bench.report.Numbers;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What was measured, for people, beside the baseline if that is of the same machine. */
final class JmhReport {
    static final String TITLE = "Ringfence: hot pieces";
    /** Shows whether the machine is as fast as it was. */
    static final String MACHINE = "Machine.arithmetic";

    private static final double MACHINE_TOLERANCE = 0.05;

    private JmhReport() {}

    static List<Block> of(JmhResult result, JmhResult baseline) {
        List<Block> blocks = new ArrayList<>();
        blocks.add(new Block.Prose("%s; %s; kernel %s; %s. Nanoseconds an operation, %d forks."
                .formatted(
                        result.startedAt(),
                        result.host().cpuModel(),
                        result.host().kernelRelease(),
                        result.host().jvm(),
                        result.forks())));
        List<String> differences = result.differencesFrom(baseline);
        if (!differences.isEmpty()) {
            blocks.add(new Block.Prose(
                    "NOT COMPARED: the baseline of %s was measured elsewhere: %s. Store one of this machine with --json, and name it with --baseline."
                            .formatted(baseline.startedAt(), String.join("; ", differences))));
            blocks.add(scores(result));
            return blocks;
        }
        blocks.add(new Block.Prose("Baseline of %s.".formatted(baseline.startedAt())));
        blocks.add(comparisons(result, baseline));
        comparison(result, baseline, MACHINE)
                .filter(machine -> Math.abs(machine.ratio() - 1) > MACHINE_TOLERANCE)
                .ifPresent(machine -> blocks.add(new Block.Prose(
                        "The machine itself is not as it was: it took %s times as long for %s, which is no code of Ringfence. Read the other ratios against that one, or measure again."
                                .formatted(Numbers.plain(machine.ratio(), 2), MACHINE))));
        return blocks;
    }

    private static Optional<Comparison> comparison(JmhResult result, JmhResult baseline, String benchmark) {
        return result.score(benchmark).flatMap(now -> baseline.score(benchmark).map(then -> new Comparison(now, then)));
    }

    private static Block scores(JmhResult result) {
        List<List<String>> rows = result.scores().stream()
                .map(score -> List.of(score.benchmark(), text(score)))
                .toList();
        return new Block.Grid(List.of("benchmark", "ns"), rows);
    }

    private static Block comparisons(JmhResult result, JmhResult baseline) {
        List<List<String>> rows = new ArrayList<>();
        for (Score now : result.scores()) {
            Optional<Comparison> compared = comparison(result, baseline, now.benchmark());
            rows.add(List.of(
                    now.benchmark(),
                    text(now),
                    compared.map(one -> text(one.then())).orElse(Numbers.NOTHING),
                    compared.map(one -> Numbers.plain(one.ratio(), 2)).orElse(Numbers.NOTHING),
                    compared.map(one -> one.verdict().words()).orElse("new")));
        }
        return new Block.Grid(List.of("benchmark", "ns", "baseline", "ratio", "verdict"), rows);
    }

    /** Score and error. */
    static String text(Score score) {
        return "%s ± %s".formatted(Numbers.plain(score.nanos(), 2), Numbers.plain(score.errorNanos(), 2));
    }
}

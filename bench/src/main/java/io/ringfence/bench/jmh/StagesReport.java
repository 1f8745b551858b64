package io.ringfence.bench.jmh;

import io.ringfence.bench.report.Block;
import io.ringfence.bench.report.Machine;
import io.ringfence.bench.report.Numbers;
import java.util.ArrayList;
import java.util.List;

/** Nanoseconds of a frame, stage by stage, for people. */
final class StagesReport {
    static final String TITLE = "Ringfence: stages of a frame";

    private StagesReport() {}

    static List<Block> of(JmhResult result) {
        Stages small = Stages.of(result, Stages.SHORT_LENGTH);
        Stages large = Stages.of(result, Stages.LONG_LENGTH);
        List<List<String>> rows = new ArrayList<>();
        for (int i = 0; i < small.stages().size(); i++) {
            rows.add(row(
                    small.stages().get(i).title(),
                    small.stages().get(i).nanos(),
                    large.stages().get(i).nanos()));
        }
        rows.add(row("the rest: decisions, counters, clock, caches", small.rest(), large.rest()));
        rows.add(row("a whole visit", small.whole(), large.whole()));
        double call = Stages.callNanos(result);
        rows.add(row("besides, if the guest asked to be called", call, call));
        return List.of(
                new Block.Prose(
                        ("Frames in batches of 64 from guest to guest by one thread, with warm caches and without the guests' own"
                                        + " work. Headers and used entries are differences of two benchmarks, the rest is that of the"
                                        + " whole to the sum. %d forks.")
                                .formatted(result.forks())),
                Machine.of(result.startedAt(), result.host()),
                new Block.Grid(
                        List.of(
                                "ns a frame",
                                "%d bytes".formatted(small.lengthBytes()),
                                "%d bytes".formatted(large.lengthBytes())),
                        rows),
                new Block.Grid(
                        List.of("benchmark", "ns"),
                        result.scores().stream()
                                .map(score -> List.of(score.benchmark(), JmhReport.text(score)))
                                .toList()));
    }

    private static List<String> row(String title, double small, double large) {
        return List.of(title, Numbers.plain(small, 2), Numbers.plain(large, 2));
    }
}

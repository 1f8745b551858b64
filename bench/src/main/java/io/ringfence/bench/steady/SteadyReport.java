package io.ringfence.bench.steady;

import io.ringfence.bench.report.Block;
import io.ringfence.bench.report.Numbers;
import io.ringfence.bench.report.Verdict;
import io.ringfence.bench.steady.SteadyResult.Carried;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** The report of a run, for people. */
final class SteadyReport {
    static final String TITLE = "Steady state: what workers allocate, and where they are deoptimised";

    private SteadyReport() {}

    /** Its parts. */
    static List<Block> of(SteadyResult result) {
        Observation observed = result.observation();
        List<Block> report = new ArrayList<>();
        report.add(new Block.Heading(TITLE));
        report.add(new Block.Prose(
                "%d VMs on one CPU, scheduling %s; each load for %s s in turn, %s s in all, after %s s of warm-up. %s"
                        .formatted(
                                observed.workerBytes().size(),
                                result.scheduling(),
                                Numbers.short3(result.seconds()),
                                Numbers.plain(result.measuredSeconds(), 1),
                                Numbers.plain(result.warmUpSeconds(), 1),
                                warmUp(result.warmUp()))));
        report.add(new Block.Grid(
                List.of("load", "frames sent", "received by their addressee"),
                result.carried().stream().map(SteadyReport::row).toList()));
        report.add(new Block.Grid(
                List.of("counted by the dataplane", "all VMs"),
                result.counted().entrySet().stream()
                        .map(one -> List.of(one.getKey(), "%,d".formatted(one.getValue())))
                        .toList()));
        report.add(new Block.Heading("Not the workers"));
        report.add(new Block.Prose(
                "Meanwhile the JVM compiled %d times, deoptimised other threads %d times, began %d collections and stopped all threads %d times. Other threads allocated:"
                        .formatted(
                                observed.compilations(),
                                observed.otherDeoptimisations(),
                                observed.collections(),
                                observed.safepoints())));
        report.add(new Block.Grid(
                List.of("thread", "bytes a second"),
                observed.otherBytes().entrySet().stream()
                        .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
                        .map(one -> List.of(one.getKey(), Numbers.plain(one.getValue() / result.measuredSeconds(), 0)))
                        .toList()));
        report.add(new Block.Heading("The workers"));
        List<String> failures = result.failures();
        if (failures.isEmpty()) {
            report.add(new Block.Prose(Verdict.of(true) + ": not a byte allocated, no deoptimisation."));
        }
        failures.forEach(failure -> report.add(new Block.Prose(Verdict.of(false) + ": " + failure)));
        return report;
    }

    private static String warmUp(Map<String, Integer> deoptimisations) {
        return deoptimisations.isEmpty()
                ? "Workers were not deoptimised once in the warm-up either."
                : "In the warm-up workers were deoptimised %d times, in %d places."
                        .formatted(
                                deoptimisations.values().stream()
                                        .mapToInt(Integer::intValue)
                                        .sum(),
                                deoptimisations.size());
    }

    private static List<String> row(Carried carried) {
        Load load = carried.load();
        return List.of(
                load.word() + ": " + load.title(),
                "%,d".formatted(carried.sent()),
                "%,d".formatted(carried.received()));
    }
}

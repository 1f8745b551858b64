package io.ringfence.bench.demo;

import io.ringfence.bench.traffic.FlowCounts;
import io.ringfence.bench.traffic.Latencies;
import io.ringfence.bench.traffic.Report;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

/** Says in plain sentences what the figures meant. */
final class Verdict {
    private Verdict() {}

    /** An act and what came of it. */
    record Outcome(Act act, Report whole) {}

    static List<String> sentences(List<Outcome> outcomes, List<WorkerThread> workers, Map<String, Long> counters) {
        List<String> sentences = new ArrayList<>();
        for (Outcome outcome : outcomes) {
            sentences.add(outcome.act().roundTrips() ? roundTrips(outcome) : throughput(outcome));
        }
        sentences.add(integrity(outcomes, counters));
        sentences.add(scheduling(workers));
        return sentences;
    }

    private static String roundTrips(Outcome outcome) {
        Report.Flow requests = outcome.whole().from(DemoConfiguration.ALICE);
        Report.Flow replies = outcome.whole().from(DemoConfiguration.BOB);
        Latencies trips = replies.latencies();
        return "- Half of the round trips took %s or less, 99 of 100 took %s or less; %s of %s requests were answered."
                .formatted(
                        Quantity.time(trips.p50Nanos()),
                        Quantity.time(trips.p99Nanos()),
                        Quantity.count(replies.counts().received()),
                        Quantity.count(requests.counts().sent()));
    }

    private static String throughput(Outcome outcome) {
        Report whole = outcome.whole();
        long frames = total(whole, FlowCounts::received);
        return "- Of %d-byte frames %s a second arrived, %s Gbit/s."
                .formatted(
                        outcome.act().lengthBytes(),
                        Quantity.rate(frames, whole.seconds()),
                        Quantity.gigabits(frames, outcome.act().lengthBytes(), whole.seconds()));
    }

    private static String integrity(List<Outcome> outcomes, Map<String, Long> counters) {
        long corrupt = total(outcomes, FlowCounts::corrupt);
        long duplicates = total(outcomes, FlowCounts::duplicates);
        long reordered = total(outcomes, FlowCounts::reordered);
        long lost = outcomes.stream()
                .mapToLong(outcome -> Table.lost(outcome.whole()))
                .sum();
        String sound = corrupt + duplicates + reordered == 0
                ? "- Every frame carries a check value: none was corrupt, duplicated or reordered"
                : "- NOT SOUND: %s frames were corrupt, %s duplicated, %s reordered"
                        .formatted(Quantity.count(corrupt), Quantity.count(duplicates), Quantity.count(reordered));
        return sound
                + (lost == 0 ? ", and none was lost." : "; " + Quantity.count(lost) + " were lost" + causes(counters));
    }

    /** What the dataplane itself counted as dropped, since its start. */
    private static String causes(Map<String, Long> counters) {
        Map<String, Long> drops = counters.entrySet().stream()
                .filter(counter -> counter.getKey().contains("/drop-") && counter.getValue() > 0)
                .collect(Collectors.groupingBy(
                        counter -> counter.getKey().substring(counter.getKey().indexOf('/') + 1),
                        Collectors.summingLong(Map.Entry::getValue)));
        return drops.isEmpty()
                ? " without being counted as drops."
                : " (drops by cause, warm-up included: " + drops + ").";
    }

    private static String scheduling(List<WorkerThread> workers) {
        return workers.stream().allMatch(WorkerThread::isReserved)
                ? "- Each guest has a worker of its own with reserved CPU time. \"budget spent\" counts how often a worker"
                        + " had used its share and waited for its next period, so that the other got its own."
                : "- No CPU time was reserved on this host, so the workers had no guarantee: run it as root on a host with"
                        + " two CPUs to see one.";
    }

    private static long total(List<Outcome> outcomes, ToLongFunction<FlowCounts> count) {
        return outcomes.stream()
                .mapToLong(outcome -> total(outcome.whole(), count))
                .sum();
    }

    private static long total(Report report, ToLongFunction<FlowCounts> count) {
        return report.flows().stream()
                .mapToLong(flow -> count.applyAsLong(flow.counts()))
                .sum();
    }
}

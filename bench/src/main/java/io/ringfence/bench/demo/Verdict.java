package io.ringfence.bench.demo;

import io.ringfence.bench.demo.Outcome.Phase;
import io.ringfence.bench.report.Numbers;
import io.ringfence.bench.traffic.FlowCounts;
import io.ringfence.bench.traffic.Latencies;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Says in plain sentences what was seen, and nothing that was not. */
final class Verdict {
    private final Outcome alone;
    private final Outcome shared;
    private final Outcome ringfence;

    private Verdict(List<Outcome> outcomes) {
        alone = of(Act.ALONE, outcomes);
        shared = of(Act.SHARED, outcomes);
        ringfence = of(Act.RINGFENCE, outcomes);
    }

    private static Outcome of(Act act, List<Outcome> outcomes) {
        return outcomes.stream()
                .filter(outcome -> outcome.act() == act)
                .findFirst()
                .orElseThrow();
    }

    /** @param outcomes of all acts */
    static List<String> sentences(List<Outcome> outcomes) {
        return new Verdict(outcomes).sentences();
    }

    private List<String> sentences() {
        List<String> sentences = new ArrayList<>();
        sentences.add(latencies());
        sentences.add(cost());
        sentences.add(comparison());
        sentences.add(price());
        sentences.add(neighbours());
        sentences.add(integrity());
        sentences.addAll(doubts());
        return sentences;
    }

    private String latencies() {
        Phase first = alone.main();
        Phase second = shared.main();
        Phase third = ringfence.main();
        return "The victim's p99 was %s alone, %s beside the neighbours on a shared thread, and %s beside the same"
                        .formatted(p99(first), p99(second), p99(third))
                + " neighbours %s (p50: %s, %s, %s)."
                        .formatted(
                                ringfence.worker().isReserved() ? "under Ringfence" : "on threads without reservations",
                                p50(first),
                                p50(second),
                                p50(third));
    }

    private static String p50(Phase phase) {
        return Quantity.time(phase.latencies(), Latencies::p50Nanos);
    }

    private static String p99(Phase phase) {
        return Quantity.time(phase.latencies(), Latencies::p99Nanos);
    }

    /** Whether the neighbours cost the victim anything where it should not: act 1 against act 3. */
    private String cost() {
        if (!alone.main().hasLatencies() || !ringfence.main().hasLatencies()) {
            return "- Whether the neighbours cost the victim anything %s could not be told: %s."
                    .formatted(
                            ringfence.worker().isReserved() ? "under Ringfence" : "with a thread for each VM",
                            unmeasured(alone, ringfence));
        }
        Scatter before = alone.main().scatter();
        Scatter beside = ringfence.main().scatter();
        String parts = parts();
        String both = " (p99 of most %s: %s alone, %s beside them)".formatted(parts, before.text(), beside.text());
        String where = ringfence.worker().isReserved() ? "Under Ringfence" : "With a thread for each VM";
        if (before.isBelow(beside)) {
            return "- %s the neighbours DID cost the victim something: more than single %s differ%s."
                    .formatted(where, parts, both);
        }
        return beside.isBelow(before)
                ? "- %s the neighbours cost the victim nothing; beside them its latency was even lower%s."
                        .formatted(where, both)
                : "- %s the neighbours cost the victim nothing beyond what single %s differ%s."
                        .formatted(where, parts, both);
    }

    /** Of what a p99 each is compared. */
    private String parts() {
        double seconds = alone.main().sampleSeconds();
        return seconds < 1 ? "half seconds" : "parts of %s s".formatted(Numbers.short3(seconds));
    }

    /** Why acts cannot be compared. */
    private static String unmeasured(Outcome... compared) {
        String acts = Stream.of(compared)
                .filter(outcome -> !outcome.main().hasLatencies())
                .map(outcome -> Integer.toString(outcome.act().number()))
                .collect(Collectors.joining(" and "));
        return "no latency is left of act %s (every frame met a gap of the generator, or none arrived)".formatted(acts);
    }

    /** Act 2 against act 3. */
    private String comparison() {
        if (!shared.main().hasLatencies() || !ringfence.main().hasLatencies()) {
            return "- Whether the victim fared better on the shared thread or here could not be told: %s."
                    .formatted(unmeasured(shared, ringfence));
        }
        Scatter polled = shared.main().scatter();
        Scatter own = ringfence.main().scatter();
        long polledNanos = shared.main().latencies().p99Nanos();
        long ownNanos = ringfence.main().latencies().p99Nanos();
        if (own.isBelow(polled) && ownNanos < polledNanos) {
            return "- On the shared thread each of its frames waited for a batch of each neighbour: its p99 was %s what it was here."
                    .formatted(Quantity.times(polledNanos, ownNanos));
        }
        return polled.isBelow(own) && polledNanos < ownNanos
                ? "- But the shared thread did BETTER beside these neighbours: its p99 was lower by %s."
                        .formatted(Quantity.time(ownNanos - polledNanos))
                : "- Between the shared thread and this one no difference could be seen beside these neighbours.";
    }

    /** What a thread that polls does better, if nobody disturbs it. */
    private String price() {
        Phase polled = shared.phases().getFirst();
        Phase own = alone.main();
        return polled.hasLatencies()
                        && polled.latencies().p50Nanos() < own.latencies().p50Nanos()
                ? ("- Before the neighbours came, the shared thread was faster: p50 %s, p99 %s. It never sleeps, and uses"
                                + " all of its CPU even when there is no work; a thread that sleeps has to wake up.")
                        .formatted(p50(polled), p99(polled))
                : "- Before the neighbours came, the shared thread had p50 %s, p99 %s."
                        .formatted(p50(polled), p99(polled));
    }

    private String neighbours() {
        return "- The neighbours got %s frames a second through on the shared thread, %s here%s."
                .formatted(
                        Quantity.count(shared.main().whole().neighboursPerSecond()),
                        Quantity.count(ringfence.main().whole().neighboursPerSecond()),
                        ringfence.worker().isReserved() ? ": what their reservations are worth" : "");
    }

    private String integrity() {
        long lost = total(FlowCounts::lost);
        long damaged = total(FlowCounts::corrupt) + total(FlowCounts::duplicates) + total(FlowCounts::reordered);
        String sent = Quantity.count(total(FlowCounts::sent));
        return lost + damaged == 0
                ? "- All %s frames of the victim arrived, intact and in order.".formatted(sent)
                : "- NOT SOUND: of %s frames of the victim %s did not arrive, %s were corrupt, %s duplicated, %s reordered."
                        .formatted(
                                sent,
                                Quantity.count(lost),
                                Quantity.count(total(FlowCounts::corrupt)),
                                Quantity.count(total(FlowCounts::duplicates)),
                                Quantity.count(total(FlowCounts::reordered)));
    }

    private long total(ToLongFunction<FlowCounts> count) {
        return phases().stream()
                .mapToLong(phase -> count.applyAsLong(phase.counts()))
                .sum();
    }

    private List<Phase> phases() {
        return List.of(alone, shared, ringfence).stream()
                .flatMap(outcome -> outcome.phases().stream())
                .toList();
    }

    /** What speaks against the figures. */
    private List<String> doubts() {
        List<String> doubts = new ArrayList<>();
        if (!ringfence.worker().isReserved()) {
            doubts.add(
                    "- No CPU time was reserved on this host: this is not what Ringfence promises. Run the demo as root"
                            + " on a host with two CPUs; `ringfence doctor` says what else is missing.");
        }
        for (Outcome outcome : List.of(alone, shared, ringfence)) {
            List<String> found = outcome.phases().stream()
                    .flatMap(phase -> phase.report().disturbances().stream())
                    .distinct()
                    .toList();
            if (!found.isEmpty()) {
                doubts.add("- Disturbed in act %d: %s.".formatted(outcome.act().number(), String.join("; ", found)));
            }
        }
        return doubts;
    }
}

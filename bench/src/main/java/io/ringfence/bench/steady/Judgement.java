package io.ringfence.bench.steady;

import io.ringfence.bench.steady.SteadyResult.Carried;
import io.ringfence.dataplane.telemetry.Counter;
import java.util.ArrayList;
import java.util.List;

/** Says whether a run shows that workers neither allocate nor are deoptimised in steady state. */
final class Judgement {
    /** What some load brings about on every host. */
    private static final List<Counter> MUST_HAPPEN = List.of(
            Counter.RECEIVED_FRAMES,
            Counter.FLOODED_FRAMES,
            Counter.HANDED_OFF_FRAMES,
            Counter.DROPPED_CONGESTED,
            Counter.LIMITED_VISITS,
            Counter.BLOCKS);

    private Judgement() {}

    /** What is not as it must be, in words; empty if all is. */
    static List<String> of(SteadyResult result) {
        List<String> failures = new ArrayList<>();
        Observation observed = result.observation();
        for (Offence offence : observed.offences()) {
            failures.add("%s %s, %s:%s"
                    .formatted(
                            String.join(", ", offence.threads()),
                            offence.what(),
                            offence.count() == 1 ? "once" : offence.count() + " times",
                            offence.stack().isEmpty()
                                    ? " the JVM told no stack"
                                    : "%n    at ".formatted() + String.join("%n    at ".formatted(), offence.stack())));
        }
        boolean allocates = observed.offences().stream().anyMatch(Offence::isAllocation);
        observed.workerBytes().forEach((thread, bytes) -> {
            if (bytes > 0 && !allocates) {
                failures.add("%s allocated %d bytes, and the JVM told no stack".formatted(thread, bytes));
            }
        });
        long recorded = observed.offences().stream()
                .filter(offence -> !offence.isAllocation())
                .mapToLong(Offence::count)
                .sum();
        if (result.logged().size() > recorded) {
            failures.add("the JVM's log has %d deoptimisations of workers, its recording %d; the log:%n    %s"
                    .formatted(result.logged().size(), recorded, String.join("%n    ".formatted(), result.logged())));
        }
        if (observed.workerBytes().isEmpty()) {
            failures.add("the recording knows of no worker, so nothing is shown");
        }
        for (Carried carried : result.carried()) {
            if (carried.load().sends() && carried.sent() == 0) {
                failures.add(carried.load().word() + ": no frame was sent, so nothing is shown of it");
            } else if (carried.load().isReceived() && carried.received() == 0) {
                failures.add("%s: none of %d frames arrived, so nothing is shown of it"
                        .formatted(carried.load().word(), carried.sent()));
            }
        }
        for (Counter way : MUST_HAPPEN) {
            if (result.counted().getOrDefault(way.label(), 0L) == 0) {
                failures.add(way.label() + ": 0, so nothing is shown of that");
            }
        }
        return failures;
    }
}

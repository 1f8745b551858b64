package io.ringfence.bench.steady;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.bench.report.TextReport;
import io.ringfence.bench.steady.SteadyResult.Carried;
import io.ringfence.dataplane.cost.HostIdentity;
import io.ringfence.dataplane.telemetry.Counter;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class JudgementTest {
    private static final Map<String, Long> ALL_WAYS =
            Stream.of(Counter.values()).collect(Collectors.toMap(Counter::label, ignored -> 7L));
    private static final Carried CARRIED = new Carried(Load.PAIR_64, 1_000, 990);

    private static SteadyResult result(
            List<Offence> offences,
            Map<String, Long> bytes,
            Carried carried,
            Map<String, Long> counted,
            String... log) {
        return new SteadyResult(
                Instant.EPOCH,
                HostIdentity.current(),
                "deadline",
                0.5,
                12,
                Map.of(),
                30,
                List.of(carried),
                counted,
                new Observation(offences, bytes, Map.of(), 0, 0, 0, 0),
                List.of(log));
    }

    @Test
    void shouldFindNothingWhereThereIsNothing() {
        SteadyResult calm = result(List.of(), Map.of("worker-a", 0L), CARRIED, ALL_WAYS);

        assertThat(calm.failures()).isEmpty();
        assertThat(TextReport.of(SteadyReport.of(calm))).contains("met: ").doesNotContain("MISSED");
    }

    @Test
    void shouldPrintTheStackOfAnOffence() {
        Offence offence = new Offence(
                false,
                "is deoptimised: class_check",
                List.of("worker-a", "worker-b"),
                3,
                List.of("x.Y.z(7)", "x.Y.w(9)"));
        SteadyResult bad =
                result(List.of(offence), Map.of("worker-a", 0L), CARRIED, ALL_WAYS, "cid=1", "cid=2", "cid=3");

        assertThat(TextReport.of(SteadyReport.of(bad)))
                .contains(
                        "MISSED: worker-a, worker-b is deoptimised: class_check, 3 times:",
                        "    at x.Y.z(7)\n    at x.Y.w(9)")
                .doesNotContain("met: ");
        assertThat(bad.failures()).hasSize(1);
    }

    @Test
    void shouldMindBytesOfWhichNoStackIsKnown() {
        assertThat(result(List.of(), Map.of("worker-a", 24L), CARRIED, ALL_WAYS).failures())
                .containsExactly("worker-a allocated 24 bytes, and the JVM told no stack");
    }

    @Test
    void shouldMindWhatOnlyTheLogHas() {
        assertThat(result(List.of(), Map.of("worker-a", 0L), CARRIED, ALL_WAYS, "cid= 7 null_check")
                        .failures())
                .singleElement()
                .asString()
                .contains("1 deoptimisations of workers, its recording 0", "cid= 7 null_check");
    }

    @Test
    void shouldNotPassOnARunThatShowsNothing() {
        assertThat(result(List.of(), Map.of(), new Carried(Load.AIMED, 0, 0), Map.of())
                        .failures())
                .anyMatch(text -> text.contains("knows of no worker"))
                .anyMatch(text -> text.startsWith("aimed: no frame was sent"))
                .anyMatch(text -> text.startsWith("handed-off-frames: 0"));
    }

    @Test
    void shouldNotPassOnALoadOfWhichNothingArrivedWhenSomebodyWantedIt() {
        Map<String, Long> bytes = Map.of("worker-a", 0L);
        assertThat(result(List.of(), bytes, new Carried(Load.LIMITED, 300, 0), ALL_WAYS)
                        .failures())
                .containsExactly("limited: none of 300 frames arrived, so nothing is shown of it");
        for (Load unwanted : List.of(Load.WITHHOLD, Load.GROUP, Load.REST)) {
            assertThat(result(List.of(), bytes, new Carried(unwanted, 300, 0), ALL_WAYS)
                            .failures())
                    .isEmpty();
        }
    }
}

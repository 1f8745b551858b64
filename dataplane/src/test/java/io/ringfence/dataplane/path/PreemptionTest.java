package io.ringfence.dataplane.path;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.testing.Requirement;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Workers that lose the CPU at any instruction, while those on the other CPU go on; see {@link StressTest}. */
class PreemptionTest {
    private static final long MILLIS = Long.getLong("ringfence.stress.millis", 800);
    private static final long ENOUGH = 400;
    private static final long SEED = Long.getLong("ringfence.stress.seed", 1);
    private static final int GUESTS = 4;

    @BeforeAll
    static void requireFifo() {
        Requirement.of(Requirement.isRoot(), "needs root, for SCHED_FIFO");
    }

    @ParameterizedTest
    @EnumSource(Stress.Traffic.class)
    @Timeout(180)
    void shouldKeepOrderAndCountEveryFrameWhenWorkersArePreempted(Stress.Traffic traffic) throws Exception {
        int cpu = Preemptor.anyCpu();
        try (Stress stress = new Stress(GUESTS, traffic, SEED)) {
            stress.pinEverySecondWorker(cpu);
            try (Preemptor preemptor = new Preemptor(cpu, SEED)) {
                stress.run(MILLIS, () -> preemptor.preemptions() > ENOUGH);
                assertThat(preemptor.preemptions()).as("preemptions").isGreaterThan(ENOUGH);
            }
            stress.assertNothingLost();
        }
    }
}

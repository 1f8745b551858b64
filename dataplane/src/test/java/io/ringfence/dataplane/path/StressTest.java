package io.ringfence.dataplane.path;

import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Workers against each other on fewer CPUs than threads, so that the kernel preempts them anywhere. */
class StressTest {
    /** Longer runs by hand: {@code -Dringfence.stress.millis=60000 -Dringfence.stress.seed=7}. */
    private static final long MILLIS = Long.getLong("ringfence.stress.millis", 1_500);

    private static final long SEED = Long.getLong("ringfence.stress.seed", 1);

    @ParameterizedTest(name = "{0} guests, {1}")
    @CsvSource({
        "4, TO_ONE",
        "3, ALL_TO_ALL",
        "8, ALL_TO_ALL",
        "6, STALLING_RECEIVERS",
        "5, RECONFIGURED_RECEIVERS",
        "4, SEVERAL_WORKERS",
    })
    @Timeout(120)
    void shouldKeepOrderAndCountEveryFrameWhenWorkersContend(int guests, Stress.Traffic traffic) throws Exception {
        try (Stress stress = new Stress(guests, traffic, SEED)) {
            stress.run(MILLIS);
            stress.assertNothingLost();
        }
    }
}

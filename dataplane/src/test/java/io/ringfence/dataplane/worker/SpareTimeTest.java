package io.ringfence.dataplane.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.scheduler.BudgetMeter;
import io.ringfence.scheduler.Reservation;
import io.ringfence.scheduler.ThreadClock;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SpareTimeTest {
    private static final long MICRO = 1_000;
    private static final long RUNTIME_NANOS = 400 * MICRO;
    private static final long PERIOD_NANOS = 1_000 * MICRO;

    private final Kernel kernel = new Kernel();
    private final BudgetMeter budget =
            new BudgetMeter(new Reservation(RUNTIME_NANOS, PERIOD_NANOS, true), 50 * MICRO, kernel);
    private final SpareTime spare = SpareTime.of(budget, RUNTIME_NANOS);
    private long now = 1_000_000_000;

    /** Charges a part of the time for which the thread runs. */
    private static final class Kernel implements ThreadClock {
        private double charge = 0.5;
        private long cpuNanos;
        private double leftNanos;

        private void run(long nanos) {
            cpuNanos += nanos;
            leftNanos -= nanos * charge;
        }

        @Override
        public long cpuTimeNanos() {
            return cpuNanos;
        }

        @Override
        public long runtimeLeftNanos() {
            return (long) leftNanos;
        }
    }

    @BeforeEach
    void beginAPeriod() {
        budget.spent(now);
        kernel.leftNanos = RUNTIME_NANOS;
        budget.yielded(now);
        spare.slept(now);
    }

    /** For how long it looks on while a frame comes each microsecond. */
    private long looks(long atMostNanos) {
        long start = now;
        while (now - start < atMostNanos && spare.looksOn(1, true, now)) {
            now += MICRO;
            kernel.run(MICRO);
        }
        return now - start;
    }

    @Test
    void shouldLookOnForAShortTimeAfterTheLastFrame() {
        assertThat(spare.looksOn(1, true, now)).isTrue();
        assertThat(spare.looksOn(0, true, now + SpareTime.LOOKS_FOR_NANOS - 1)).isTrue();
        assertThat(spare.looksOn(0, true, now + SpareTime.LOOKS_FOR_NANOS)).isFalse();
    }

    @Test
    void shouldNotLookOnWhenFramesAreFew() {
        assertThat(spare.looksOn(1, false, now)).isFalse();
        assertThat(spare.suffices(now)).as("but be kicked for each").isTrue();
    }

    @Test
    void shouldNapNowAndThenHoweverManyFramesCome() {
        assertThat(looks(SpareTime.NAPS_AFTER_NANOS * 2)).isEqualTo(SpareTime.NAPS_AFTER_NANOS);
        assertThat(spare.paceNanos(20 * MICRO)).isLessThan(20 * MICRO);

        spare.slept(now);
        assertThat(looks(10 * MICRO)).isEqualTo(10 * MICRO);
        assertThat(spare.paceNanos(20 * MICRO)).isEqualTo(20 * MICRO);
    }

    @Test
    void shouldKeepAQuarterOfTheRuntimeForFrames() {
        long looked = 0;
        for (long more = 1; more > 0; looked += more) {
            spare.slept(now);
            more = looks(SpareTime.NAPS_AFTER_NANOS - 1);
        }
        assertThat(kernel.leftNanos).isBetween(0.25 * RUNTIME_NANOS, 0.6 * RUNTIME_NANOS);
        assertThat(looked).as("of which only half is charged").isGreaterThan(RUNTIME_NANOS * 3 / 4);
    }

    @Test
    void shouldBeThriftyForSomeTimeOnceTheKernelChargesInFull() {
        kernel.charge = 1;
        while (looks(SpareTime.NAPS_AFTER_NANOS - 1) > 0) {
            spare.slept(now);
        }
        long found = now;
        kernel.leftNanos = RUNTIME_NANOS;
        budget.yielded(now);

        assertThat(spare.suffices(found)).isFalse();
        assertThat(spare.suffices(found + SpareTime.GONE_FOR_NANOS - 1)).isFalse();
        assertThat(spare.suffices(found + SpareTime.GONE_FOR_NANOS)).isTrue();
    }

    @Test
    void shouldBeThriftyWhenWakingHasSpentTheBudget() {
        spare.spent(now);
        assertThat(spare.looksOn(1, true, now)).isFalse();
        assertThat(spare.suffices(now + SpareTime.GONE_FOR_NANOS)).isTrue();
    }

    @Test
    void shouldNeverLookOnWithoutTheRightTo() {
        SpareTime none = SpareTime.none();
        assertThat(none.looksOn(1, true, now)).isFalse();
        assertThat(none.suffices(now)).isFalse();
        assertThat(none.paceNanos(20 * MICRO)).isEqualTo(20 * MICRO);
    }
}

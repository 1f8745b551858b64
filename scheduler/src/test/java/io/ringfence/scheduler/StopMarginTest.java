package io.ringfence.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class StopMarginTest {
    private static final long LEAST_NANOS = 15_000;
    private static final long MOST_NANOS = 50_000;

    private final StopMargin margin = StopMargin.learned(LEAST_NANOS, MOST_NANOS);

    /** Has a worker stop so often after steps of so long, of which it has done a part when the margin begins. */
    private void stopAfterSteps(long stepNanos, int times) {
        var random = new Random(stepNanos);
        for (int i = 0; i < times; i++) {
            margin.stoppedWith(margin.nanos() - random.nextLong(stepNanos));
        }
    }

    @Test
    void shouldBeTheMostBeforeAnythingIsKnown() {
        assertThat(margin.nanos()).isEqualTo(MOST_NANOS);
    }

    @Test
    void shouldShrinkToTheLeastWithinSomePeriodsWhenStepsAreShort() {
        stopAfterSteps(4_000, 100);

        assertThat(margin.nanos()).isBetween(LEAST_NANOS, LEAST_NANOS + 10);
    }

    @Test
    void shouldGrowAtOnceWhenAStepWasLong() {
        stopAfterSteps(4_000, 100);
        margin.stoppedWith(margin.nanos() - 25_000);

        assertThat(margin.nanos()).isEqualTo(35_000);
    }

    @Test
    void shouldNotGrowBeyondTheMostWhateverAStepTook() {
        margin.stoppedWith(-10_000_000);

        assertThat(margin.nanos()).isEqualTo(MOST_NANOS);
    }

    @Test
    void shouldForgetOneLongStepWithinSomePeriods() {
        stopAfterSteps(4_000, 100);
        margin.stoppedWith(margin.nanos() - 35_000);
        stopAfterSteps(4_000, 20);

        assertThat(margin.nanos()).isLessThan(LEAST_NANOS + 3_000);
    }

    @Test
    void shouldHoldMostStepsOfAWorkerWhoseStepsAreLong() {
        var random = new Random(7);
        int overdrawn = 0;
        for (int i = 0; i < 10_000; i++) {
            long leftNanos = margin.nanos() - random.nextLong(30_000);
            overdrawn += leftNanos < 0 ? 1 : 0;
            margin.stoppedWith(leftNanos);
        }

        assertThat(overdrawn).as("of 10,000 stops").isLessThan(300);
    }

    @Test
    void shouldStayWhenItIsFixed() {
        StopMargin fixed = StopMargin.fixed(20_000);
        fixed.stoppedWith(-5_000);
        fixed.stoppedWith(30_000);

        assertThat(fixed.nanos()).isEqualTo(20_000);
    }

    @Test
    void shouldNotExceedTheMostOfASmallReservation() {
        assertThat(StopMargin.learned(LEAST_NANOS, 8_000).nanos()).isEqualTo(8_000);
    }
}

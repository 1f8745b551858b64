package io.ringfence.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StopMarginTest {
    private static final long LEAST_NANOS = 15_000;
    private static final long MOST_NANOS = 50_000;

    private final StopMargin margin = StopMargin.learned(LEAST_NANOS, MOST_NANOS);

    /** Has a worker stop so often, in the middle of a step of at most so long; returns how often it came too late. */
    private int stopAfterSteps(long stepNanos, int times) {
        var random = new Random(stepNanos);
        int late = 0;
        for (int i = 0; i < times; i++) {
            long leftNanos = margin.nanos() - random.nextLong(stepNanos);
            margin.stoppedWith(leftNanos);
            late += leftNanos < 0 ? 1 : 0;
        }
        return late;
    }

    @Test
    void shouldBeTheMostBeforeAnythingIsKnown() {
        assertThat(margin.nanos()).isEqualTo(MOST_NANOS);
    }

    @Test
    void shouldShrinkToTheLeastWithinTwoThousandPeriodsWhenStepsAreShort() {
        int late = stopAfterSteps(8_000, 2_000);

        assertThat(late).isZero();
        assertThat(margin.nanos()).isEqualTo(LEAST_NANOS);
    }

    @ParameterizedTest
    @ValueSource(longs = {20_000, 30_000, 45_000})
    void shouldLetOneStopInFourHundredComeTooLateWhereTheLeastIsNotEnough(long stepNanos) {
        stopAfterSteps(stepNanos, 10_000);

        assertThat(stopAfterSteps(stepNanos, 100_000)).isBetween(200, 350);
        assertThat(margin.nanos()).isBetween(LEAST_NANOS, stepNanos + 8_000);
    }

    @Test
    void shouldStayTheMostWhereEvenThatIsNotEnough() {
        stopAfterSteps(60_000, 10_000);

        assertThat(margin.nanos()).isGreaterThan(MOST_NANOS - 3_000);
    }

    @Test
    void shouldNotGrowBeyondTheMostWhateverAStepTook() {
        margin.stoppedWith(-10_000_000);

        assertThat(margin.nanos()).isEqualTo(MOST_NANOS);
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

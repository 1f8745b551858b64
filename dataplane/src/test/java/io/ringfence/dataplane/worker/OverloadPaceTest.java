package io.ringfence.dataplane.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.scheduler.Reservation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How {@link VisitPolicy} spends a budget that is less than the frames need. */
class OverloadPaceTest {
    private static final long MICRO = 1_000;
    private static final long PERIOD_NANOS = 20_000 * MICRO;
    private static final long BUDGET_NANOS = 1_000 * MICRO;
    private static final long FRAME_NANOS = 100;
    private static final long WAKE_UP_NANOS = 10 * MICRO;
    private static final int RING_FRAMES = 256;

    private final VisitPolicy policy =
            new VisitPolicy(Pace.yielding(Pace.SHORTEST_NANOS, new Reservation(BUDGET_NANOS, PERIOD_NANOS)));
    private long now = PERIOD_NANOS;
    private long sinceEmptied = now;
    private int wakeUps;

    /**
     * A guest that fills a ring with so many frames a second, and a worker with so much for each that it cannot carry them all;
     * returns the frames carried in so many periods.
     */
    private long carried(int periods, long framesPerSecond) {
        long carried = 0;
        wakeUps = 0;
        for (int period = 0; period < periods; period++) {
            long end = now + PERIOD_NANOS;
            long left = BUDGET_NANOS;
            while (now < end) {
                wakeUps++;
                long frames = Math.min(RING_FRAMES, (now - sinceEmptied) * framesPerSecond / 1_000_000_000);
                long spent = WAKE_UP_NANOS + frames * FRAME_NANOS;
                left -= spent;
                now += spent;
                sinceEmptied = now;
                carried += frames;
                boolean blocks = policy.blocks(frames, now);
                if (left <= 0) {
                    policy.spent(now);
                    now = Math.max(now, end);
                    break;
                }
                now += blocks ? Math.max(policy.paceNanos(), 1_000_000_000 / framesPerSecond) : policy.paceNanos();
            }
        }
        return carried;
    }

    @ParameterizedTest
    @ValueSource(longs = {300_000, 1_000_000, 2_000_000})
    void shouldCarryMoreFramesWithTheSameBudgetOnceItIsOverloaded(long framesPerSecond) {
        carried(1, framesPerSecond);
        long atFirst = carried(1, framesPerSecond);
        carried(60, framesPerSecond);

        assertThat(carried(10, framesPerSecond)).isGreaterThan(10 * atFirst * 5 / 4);
    }

    @Test
    void shouldStillSpendNearlyAllOfTheBudgetWhenItIsOverloaded() {
        carried(60, 1_000_000);

        long frames = carried(100, 1_000_000);

        long spentNanos = frames * FRAME_NANOS + wakeUps * WAKE_UP_NANOS;
        assertThat(spentNanos).isGreaterThan(100 * BUDGET_NANOS * 9 / 10);
    }

    @Test
    void shouldKeepToTheShortPaceWhenVisitsBringFullRings() {
        carried(60, 50_000_000);

        assertThat(policy.paceNanos()).isEqualTo(Pace.SHORTEST_NANOS);
    }

    @Test
    void shouldComeBackSoonAtOnceWhenTheBudgetLastsAndAVisitFindsFewFrames() {
        carried(60, 1_000_000);
        assertThat(policy.paceNanos()).isGreaterThan(2 * Pace.SHORTEST_NANOS);

        policy.blocks(OverloadPace.KEEPING_UP_FRAMES - 1, now + 2 * PERIOD_NANOS);

        assertThat(policy.paceNanos()).isEqualTo(Pace.SHORTEST_NANOS);
    }

    @Test
    void shouldNotSleepLongerWhenWakeUpsForSingleFramesSpendTheBudget() {
        for (int i = 0; i < 10; i++) {
            policy.blocks(OverloadPace.SEVERAL_FRAMES - 1, now += PERIOD_NANOS);
            policy.spent(now);
        }
        assertThat(policy.paceNanos()).isEqualTo(Pace.SHORTEST_NANOS);
    }

    @Test
    void shouldNeverSleepForMoreThanAQuarterOfThePeriod() {
        for (int i = 0; i < 1_000; i++) {
            policy.blocks(OverloadPace.KEEPING_UP_FRAMES, now += MICRO);
            policy.spent(now);
        }
        assertThat(policy.paceNanos()).isEqualTo(PERIOD_NANOS / 4);
    }

    @Test
    void shouldComeBackSoonerAgainWhenTheBudgetLasts() {
        carried(60, 1_000_000);
        long overloaded = policy.paceNanos();

        for (int i = 0; i < 100; i++) {
            policy.blocks(100, now += PERIOD_NANOS);
        }

        assertThat(overloaded).isGreaterThan(2 * Pace.SHORTEST_NANOS);
        assertThat(policy.paceNanos()).isEqualTo(Pace.SHORTEST_NANOS);
    }
}

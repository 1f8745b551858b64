package io.ringfence.dataplane.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.scheduler.Reservation;
import org.junit.jupiter.api.Test;

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

    @Test
    void shouldCarryMoreFramesWithTheSameBudgetOnceItIsOverloaded() {
        long atFirst = carried(1, 1_000_000);
        carried(60, 1_000_000);

        assertThat(carried(10, 1_000_000)).isGreaterThan(10 * atFirst * 5 / 4);
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
    void shouldComeBackSoonWithTheFirstVisitThatFindsFewFrames() {
        carried(60, 1_000_000);
        assertThat(policy.paceNanos()).isGreaterThan(2 * Pace.SHORTEST_NANOS);

        policy.blocks(OverloadPace.KEEPING_UP_FRAMES - 1, now);

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

    @Test
    void shouldKeepToThePaceOnWhichAGuaranteeRests() {
        VisitPolicy guaranteed = new VisitPolicy(Pace.binding(50 * MICRO));
        for (int i = 0; i < 100; i++) {
            guaranteed.blocks(100, now += 50 * MICRO);
            guaranteed.spent(now);
        }
        assertThat(guaranteed.paceNanos()).isEqualTo(50 * MICRO);
    }
}

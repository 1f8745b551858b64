package io.ringfence.dataplane.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.scheduler.Reservation;
import org.junit.jupiter.api.Test;

class SpentBudgetPaceTest {
    private static final long MICRO = 1_000;
    private static final long SECOND = 1_000_000_000;
    private static final long PERIOD_NANOS = 500 * MICRO;

    private final VisitPolicy policy =
            new VisitPolicy(Pace.yielding(Pace.SHORTEST_NANOS, new Reservation(PERIOD_NANOS / 2, PERIOD_NANOS)));
    private long now = SECOND;

    /** Visits that find so many frames each, so far apart; whether the last one blocks. */
    private boolean visits(int count, int frames, long apartNanos) {
        boolean blocks = false;
        for (int i = 0; i < count; i++) {
            now += apartNanos;
            blocks = policy.blocks(frames, now);
        }
        return blocks;
    }

    /** The budget is spent in so many periods, one after the other. */
    private void spent(int periods) {
        for (int i = 0; i < periods; i++) {
            now += PERIOD_NANOS;
            policy.spent(now);
        }
    }

    @Test
    void shouldBlockWhenFramesAreRare() {
        assertThat(visits(100, 1, 500 * MICRO)).isTrue();
    }

    @Test
    void shouldPaceWhenEverySleepBringsFrames() {
        assertThat(visits(100, 40, 30 * MICRO)).isFalse();
        assertThat(policy.paceNanos()).isEqualTo(Pace.SHORTEST_NANOS);
    }

    @Test
    void shouldComeBackLessOftenWhenWakingSpendsTheBudget() {
        assertThat(visits(100, 1, 50 * MICRO)).as("20 000 frames/s").isTrue();

        spent(42);

        assertThat(policy.paceNanos()).isEqualTo(160 * MICRO);
        assertThat(visits(100, 3, 160 * MICRO)).isFalse();
        assertThat(visits(100, 1, 160 * MICRO)).as("a kick is cheaper").isTrue();
    }

    @Test
    void shouldComeBackSoonAgainWhenAFloodBegins() {
        visits(100, 1, 50 * MICRO);
        spent(28);
        visits(20, 200, 80 * MICRO);
        assertThat(policy.paceNanos()).isEqualTo(Pace.SHORTEST_NANOS);
    }

    @Test
    void shouldKeepToThePaceOnWhichAGuaranteeRests() {
        VisitPolicy guaranteed = new VisitPolicy(Pace.binding(50 * MICRO));
        guaranteed.blocks(1, now);
        for (int i = 0; i < 10; i++) {
            guaranteed.spent(now);
        }
        assertThat(guaranteed.paceNanos()).isEqualTo(50 * MICRO);
    }

    @Test
    void shouldNotComeBackLessOftenWhenFramesSpendTheBudget() {
        visits(100, 200, 30 * MICRO);
        spent(50);
        assertThat(policy.paceNanos()).isEqualTo(Pace.SHORTEST_NANOS);
    }

    @Test
    void shouldTryTheShortPaceAgainLessAndLessOftenWhenItNeverSuffices() {
        int tries = 0;
        for (int i = 0; i < 60_000; i++) { // half a minute
            now += PERIOD_NANOS;
            policy.blocks(policy.paceNanos() > Pace.SHORTEST_NANOS ? 10 : 1, now);
            if (policy.paceNanos() < 160 * MICRO) {
                tries++;
                policy.spent(now);
            }
        }
        assertThat(tries).as("periods spent on trying").isBetween(80, 300);
    }

    @Test
    void shouldNotSleepSoShortlyThatSleepingTakesMostOfTheShare() {
        policy.sleepTakes(20 * MICRO);
        assertThat(visits(100, 8, 80 * MICRO)).isFalse();
        assertThat(policy.paceNanos()).isEqualTo(80 * MICRO);
        visits(100, 64, 30 * MICRO);
        assertThat(policy.paceNanos()).as("in a flood, rings must not fill up").isEqualTo(20 * MICRO);
    }

    @Test
    void shouldNotComeBackLessOftenForAHiccupOfTheHost() {
        visits(100, 1, 50 * MICRO);
        for (int second = 0; second < 10; second++) {
            spent(8);
            assertThat(visits(20_000, 1, 50 * MICRO)).as("blocks").isTrue();
        }
        assertThat(policy.paceNanos()).isEqualTo(Pace.SHORTEST_NANOS);
    }

    @Test
    void shouldBlockAgainWhenTheBudgetHasSufficedForSomeSeconds() {
        visits(100, 1, 50 * MICRO);
        spent(28);
        visits(40_000, 2, 100 * MICRO);
        assertThat(policy.paceNanos()).isEqualTo(Pace.SHORTEST_NANOS);
        assertThat(visits(100, 1, 50 * MICRO)).isTrue();
    }
}

package io.ringfence.dataplane.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.scheduler.Reservation;
import org.junit.jupiter.api.Test;

/** How {@link VisitPolicy} meets frames that come in bursts, as TCP sends them. */
class BurstsTest {
    private static final long MICRO = 1_000;
    private static final long VISIT_NANOS = 3 * MICRO;
    private static final int BURST_FRAMES = 32;

    private final VisitPolicy policy =
            new VisitPolicy(Pace.yielding(Pace.SHORTEST_NANOS, new Reservation(440 * MICRO, 1_000 * MICRO)));

    @Test
    void shouldWakeUpNoMoreThanFourTimesForABurst() {
        // Its first frames by a kick, those that came meanwhile, and twice nothing.
        assertThat(wakeUps(1_000, 200 * MICRO)).isLessThanOrEqualTo(4 * 1_000);
    }

    @Test
    void shouldNotBlockWhenEverySecondSleepBringsABurst() {
        assertThat(blocked(1_000, 2 * Pace.SHORTEST_NANOS)).isLessThan(20);
    }

    @Test
    void shouldPaceAgainAsSoonAsAVisitFindsFramesAfterItHasBlocked() {
        long now = flood(100);
        assertThat(policy.blocks(0, now += 20 * MICRO)).as("after nothing").isFalse();
        assertThat(policy.blocks(0, now += 20 * MICRO))
                .as("after nothing twice")
                .isTrue();
        assertThat(policy.blocks(BURST_FRAMES, now + 50 * MICRO))
                .as("after the next burst")
                .isFalse();
    }

    private long flood(int visits) {
        long now = 0;
        for (int i = 0; i < visits; i++) {
            now += 20 * MICRO;
            policy.blocks(BURST_FRAMES, now);
        }
        return now;
    }

    /** How often the worker wakes for so many bursts, each of which takes it by surprise: the kick comes with the first frame. */
    private int wakeUps(int bursts, long gapNanos) {
        int wakeUps = 0;
        for (int burst = 0; burst < bursts; burst++) {
            long now = burst * gapNanos;
            wakeUps++;
            boolean blocks = policy.blocks(1, now += VISIT_NANOS);
            int left = BURST_FRAMES - 1;
            while (!blocks && now < (burst + 1) * gapNanos) {
                wakeUps++;
                blocks = policy.blocks(left, now += policy.paceNanos() + VISIT_NANOS);
                left = 0;
            }
        }
        return wakeUps;
    }

    /** How often the worker blocks while a burst comes in every gap. */
    private int blocked(int bursts, long gapNanos) {
        int blocked = 0;
        long now = 0;
        for (int burst = 0; burst < bursts; burst++) {
            for (long slept = 0; slept < gapNanos; slept += Pace.SHORTEST_NANOS) {
                now += Pace.SHORTEST_NANOS;
                blocked += policy.blocks(slept == 0 ? BURST_FRAMES : 0, now) ? 1 : 0;
            }
        }
        return blocked;
    }
}

package io.ringfence.vhostuser.backend;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequestAllowanceTest {
    private static final long SECOND = 1_000_000_000;
    private static final int PER_SECOND = 100;
    private static final int BURST = 50;

    /** Negative, as {@link System#nanoTime} may be. */
    private static final long START = -7 * SECOND;

    private final List<String> told = new ArrayList<>();
    private final RequestAllowance allowance = new RequestAllowance(PER_SECOND, BURST, START, told::add);

    @Test
    void shouldServeABurstAtOnceWhenNothingWasAskedForLong() {
        for (int i = 0; i < BURST; i++) {
            assertThat(allowance.holdBackNanos(START + 60 * SECOND)).isZero();
            allowance.spend(1, START + 60 * SECOND);
        }
        allowance.spend(1, START + 60 * SECOND);
        assertThat(allowance.holdBackNanos(START + 60 * SECOND)).isPositive();
    }

    @Test
    void shouldNeverHoldBackWhoAsksNoMoreThanIsEarned() {
        for (int i = 0; i < 10_000; i++) {
            long now = START + i * SECOND / PER_SECOND;
            assertThat(allowance.holdBackNanos(now)).isZero();
            allowance.spend(1, now);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void shouldServeNoMoreThanIsEarnedWhateverIsAsked(long seed) {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        long now = START;
        int heaviest = 16;
        long served = 0;
        for (int i = 0; i < 20_000; i++) {
            long heldBack = allowance.holdBackNanos(now);
            now += heldBack > 0 ? heldBack : random.nextInt((int) SECOND / PER_SECOND);
            assertThat(allowance.holdBackNanos(now)).as("after the wait").isZero();
            int weight = random.nextInt(1, heaviest + 1);
            allowance.spend(weight, now);
            served += weight;
            assertThat(served).isLessThanOrEqualTo(BURST + heaviest + (now - START) * PER_SECOND / SECOND);
        }
        assertThat(served).isGreaterThan((now - START) * PER_SECOND / SECOND / 2);
    }

    @Test
    void shouldTellOnceUntilAllIsEarned() {
        allowance.spend(BURST + 1, START);
        assertThat(allowance.holdBackNanos(START)).isPositive();
        allowance.spend(BURST, START + SECOND / 10);
        assertThat(allowance.holdBackNanos(START + SECOND / 10)).isPositive();
        assertThat(told)
                .containsExactly(
                        "front-end made more than 50 requests at once: it is served 100 a second until it has paused");

        allowance.spend(BURST + 1, START + 2 * SECOND);
        assertThat(allowance.holdBackNanos(START + 2 * SECOND)).isPositive();
        assertThat(told).hasSize(2);
    }
}

package io.ringfence.vhostuser.backend;

import static org.assertj.core.api.Assertions.assertThat;

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

    private final RequestAllowance allowance = new RequestAllowance(PER_SECOND, BURST, START);

    @Test
    void shouldServeABurstAtOnceWhenNothingWasAskedForLong() {
        for (int i = 0; i < BURST; i++) {
            assertThat(allowance.heldBackNanos(START + 60 * SECOND)).isZero();
            allowance.spend(1, START + 60 * SECOND);
        }
        allowance.spend(1, START + 60 * SECOND);
        assertThat(allowance.heldBackNanos(START + 60 * SECOND)).isPositive();
    }

    @Test
    void shouldNeverHoldBackWhoAsksNoMoreThanIsEarned() {
        for (int i = 0; i < 10_000; i++) {
            long now = START + i * SECOND / PER_SECOND;
            assertThat(allowance.heldBackNanos(now)).isZero();
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
            long heldBack = allowance.heldBackNanos(now);
            now += heldBack > 0 ? heldBack : random.nextInt((int) SECOND / PER_SECOND);
            assertThat(allowance.heldBackNanos(now)).as("after the wait").isZero();
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
        assertThat(allowance.newlyExceeded()).isTrue();
        allowance.spend(1, START + SECOND / 10);
        assertThat(allowance.newlyExceeded()).isFalse();

        allowance.spend(BURST + 1, START + 2 * SECOND);
        assertThat(allowance.newlyExceeded()).isTrue();
    }
}

package io.ringfence.dataplane.port;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.math.BigInteger;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A bucket keeps its promise to the token, over every interval; simulated time, sums in whole billionths of a token. */
class TokenBucketTest {
    private static final long BILLION = 1_000_000_000;
    private static final int STEPS = 20_000;

    private static RandomGenerator random(long seed) {
        return RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    }

    private static BigInteger billionths(long tokens) {
        return BigInteger.valueOf(tokens).multiply(BigInteger.valueOf(BILLION));
    }

    private static BigInteger earned(long perSecond, long nanos) {
        return BigInteger.valueOf(perSecond).multiply(BigInteger.valueOf(nanos));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void shouldGiveNoMoreThanCapacityAndRateOverAnyInterval(long seed) {
        RandomGenerator random = random(seed);
        long perSecond = random.nextLong(1, 1L << random.nextInt(4, 40));
        long capacity = random.nextLong(1, 1L << random.nextInt(1, 33));
        long fillNanos = 1 + capacity * BILLION / perSecond;
        long now = random.nextLong();
        TokenBucket bucket = new TokenBucket(perSecond, capacity, now);

        // What was taken less what the time had earned, before and after each taking: an interval from one taking to
        // another has no more than the largest difference.
        BigInteger balance = BigInteger.ZERO;
        BigInteger lowest = BigInteger.ZERO;
        BigInteger worst = BigInteger.ZERO;
        for (int i = 0; i < STEPS; i++) {
            long gap = random.nextLong(0, 1 + fillNanos / random.nextInt(1, 100));
            now += gap;
            bucket.refill(now);
            balance = balance.subtract(earned(perSecond, gap));
            lowest = lowest.min(balance);
            long wanted = random.nextBoolean() ? bucket.available() : random.nextLong(0, capacity + 1);
            if (bucket.has(wanted)) {
                bucket.take(wanted);
                balance = balance.add(billionths(wanted));
                worst = worst.max(balance.subtract(lowest));
            }
        }
        assertThat(worst).isLessThanOrEqualTo(billionths(capacity));
        assertThat(worst).as("the burst was used, so that the bound was met").isGreaterThan(BigInteger.ZERO);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void shouldGiveAllThatIsAskedForWhenThatIsBelowTheLimit(long seed) {
        RandomGenerator random = random(seed);
        long perSecond = random.nextLong(1, 1L << random.nextInt(4, 40));
        long capacity = random.nextLong(2, 1L << random.nextInt(2, 33));
        long now = random.nextLong();
        TokenBucket bucket = new TokenBucket(perSecond, capacity, now);

        // What a bucket without any rounding would hold. Nobody asks for more than that.
        BigInteger full = billionths(capacity);
        BigInteger there = full;
        for (int i = 0; i < STEPS; i++) {
            long gap = random.nextLong(0, 1 + 2 * (capacity * BILLION / perSecond) / random.nextInt(1, 1000));
            now += gap;
            there = there.add(earned(perSecond, gap)).min(full);
            long wanted = there.divide(BigInteger.valueOf(BILLION)).longValueExact() / random.nextInt(1, 4);
            bucket.refill(now);
            assertThat(bucket.has(wanted)).as("step %d: %d tokens", i, wanted).isTrue();
            bucket.take(wanted);
            there = there.subtract(billionths(wanted));
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "3, 5", "333333333, 16", "999999999999, 9000000000", "1000000000000, 9223372036"})
    void shouldNotDriftWhenLookedAtEveryNanosecondOrSo(long perSecond, long capacity) {
        RandomGenerator random = random(perSecond);
        TokenBucket bucket = new TokenBucket(perSecond, capacity, 0);
        long now = 0;
        long taken = 0;
        for (int i = 0; i < 1_000_000; i++) {
            taken += takeAll(bucket);
            now += random.nextLong(1, 4);
            bucket.refill(now);
        }
        taken += takeAll(bucket);

        BigInteger exact = billionths(capacity).add(earned(perSecond, now)).divide(BigInteger.valueOf(BILLION));
        assertThat(BigInteger.valueOf(taken)).isEqualTo(exact);
    }

    private static long takeAll(TokenBucket bucket) {
        long available = bucket.available();
        bucket.take(available);
        return available;
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "7, 3", "1000000000000, 9223372036"})
    void shouldBeFullAndNoMoreAfterAnyIdleTime(long perSecond, long capacity) {
        long start = Long.MAX_VALUE - 5;
        TokenBucket bucket = new TokenBucket(perSecond, capacity, start);
        bucket.take(capacity);
        bucket.refill(start + Long.MAX_VALUE); // nanoTime may wrap around
        assertThat(bucket.available()).isEqualTo(capacity);
        bucket.refill(start + Long.MAX_VALUE + 1);
        assertThat(bucket.available()).isEqualTo(capacity);
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "3, 2", "1000003, 17", "999999999999, 9000000000"})
    void shouldNameTheNanosecondAtWhichTokensAreThere(long perSecond, long capacity) {
        TokenBucket bucket = new TokenBucket(perSecond, capacity, 0);
        bucket.take(capacity);
        long due = bucket.nanosUntil(capacity);
        bucket.refill(due - 1);
        assertThat(bucket.has(capacity)).isFalse();
        assertThat(bucket.nanosUntil(capacity)).isEqualTo(1);
        bucket.refill(due);
        assertThat(bucket.has(capacity)).isTrue();
        assertThat(bucket.nanosUntil(capacity)).isZero();
    }

    @Test
    void shouldCreditNothingWhenTimeGoesBackwards() {
        TokenBucket bucket = new TokenBucket(BILLION, 10, 1_000);
        bucket.take(10);
        bucket.refill(900);
        bucket.refill(1_000);
        assertThat(bucket.available()).isZero();
        bucket.refill(1_003);
        assertThat(bucket.available()).isEqualTo(3);
    }

    @Test
    void shouldRefuseWhatCannotBeCountedExactly() {
        assertThatIllegalArgumentException().isThrownBy(() -> new TokenBucket(0, 1, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> new TokenBucket(1, 0, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> new TokenBucket(1, TokenBucket.MAX_CAPACITY + 1, 0));
    }
}

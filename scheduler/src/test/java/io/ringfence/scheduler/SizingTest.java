package io.ringfence.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SizingTest {
    private static final long SHORTEST_PERIOD = 100_000;
    private static final int SETS = 2_000;

    private final Sizing sizing = new Sizing(Costs.plain(), Costs.FULL_SIZE, Costs.WORKER, SHORTEST_PERIOD);

    @Test
    void shouldTakeAQuarterOfTheLatencyAsPeriodAndKeepTheBound() {
        SizedReservation sized = sized(300_000, 64, 500_000);

        assertThat(sized.reservation().periodNanos()).isEqualTo(125_000);
        assertThat(sized.demand().paceNanos()).isEqualTo(50_000);
        assertThat(sized.worstLatencyNanos()).isLessThanOrEqualTo(500_000);
        // (100 + 2 * 20 + 1522 * 0.1 + 80 + 2 * 10 + 1522 * 0.1 + (500 + 300) / 64) * 1.25
        assertThat(sized.demand().packetNanos()).isCloseTo(696.125, within(1e-6));
        // 64 packets, 4 wake-ups of 5000 + 500 + 300 and a paced visit of 2000 + 500 + 300, times 1.25
        assertThat(sized.demand().burstNanos()).isCloseTo(64 * 696.125 + 4 * 7_250 + 3_500, within(1e-6));
    }

    @Test
    void shouldGiveVmsWithoutALatencyBoundALongPeriod() {
        SizedReservation sized =
                sizing.of(new Guarantee(10_000, 32, OptionalLong.empty())).orElseThrow();

        assertThat(sized.reservation().periodNanos()).isEqualTo(4_000_000);
        assertThat(sized.worstLatencyNanos()).isLessThanOrEqualTo(16_000_000);
    }

    @Test
    void shouldCountWakeUpsWhichCostMoreThanPackets() {
        // 1000 packets/s in either direction are 2000 wake-ups of 7.25 us, and up to 10 000 paced visits of 3.5 us.
        assertThat(sized(1_000, 1, 16_000_000).demand().rateShare()).isBetween(0.05, 0.06);
        // A hundred times the packets, but no more than a visit each 100 us.
        assertThat(sized(100_000, 1, 16_000_000).demand().rateShare()).isBetween(0.10, 0.20);
    }

    @Test
    void shouldKeepEveryGuaranteeWithTheLeastRuntimeThatDoes() {
        Random random = new Random(7);
        int kept = 0;
        for (int i = 0; i < SETS; i++) {
            Sizing any = new Sizing(Costs.random(random), Costs.FULL_SIZE, Costs.WORKER, SHORTEST_PERIOD);
            Guarantee guarantee = Costs.randomGuarantee(random);
            Optional<SizedReservation> sized = any.of(guarantee);
            kept += sized.isPresent() ? 1 : 0;
            sized.ifPresent(reserved -> assertKeepsWithNothingToSpare(any, reserved));
        }
        assertThat(kept).as("guarantees that a CPU can keep").isBetween(SETS / 3, SETS - 100);
    }

    private static void assertKeepsWithNothingToSpare(Sizing sizing, SizedReservation sized) {
        long periodNanos = sized.reservation().periodNanos();
        long latencyNanos = sized.guarantee().latencyNanos().orElse(Sizing.RELAXED_LATENCY_NANOS);
        long usableNanos = sized.usableNanos();
        assertThat(usableNanos).as("%s", sized).isGreaterThanOrEqualTo((long)
                (sized.demand().rateShare() * periodNanos));
        assertThat(sized.worstLatencyNanos()).as("%s", sized).isLessThanOrEqualTo(latencyNanos);
        long runtimeNanos = sized.reservation().runtimeNanos();
        if (runtimeNanos > Sizing.SHORTEST_RUNTIME_NANOS) {
            long lessNanos = sizing.usableNanos(runtimeNanos - 1_000);
            long lessWaitNanos = sized.demand().worstWaitNanos(lessNanos, periodNanos);
            assertThat(lessWaitNanos > latencyNanos - sized.demand().paceNanos())
                    .as("too late with 1 us less: %s", sized)
                    .isTrue();
        }
    }

    @Test
    void shouldFindTheWorstWaitThatTryingEveryMomentFinds() {
        Random random = new Random(11);
        for (int i = 0; i < SETS / 4; i++) {
            long periodNanos = 100_000L + random.nextInt(900_000);
            long usableNanos = (long) (periodNanos * (0.1 + 0.8 * random.nextDouble()));
            double rateShare = (0.2 + 0.8 * random.nextDouble()) * usableNanos / periodNanos;
            double burstShare = random.nextBoolean() ? rateShare : Math.min(0.99, rateShare * (2 + random.nextInt(3)));
            double burstNanos = 1_000 + random.nextInt(1_000_000);
            double totalNanos = burstNanos + random.nextInt(500_000);
            Demand demand = new Demand(20_000, 100, burstNanos, burstShare, totalNanos, rateShare);

            double tried = 0;
            double lasts = Math.min(demand.burstLastsNanos(), 500.0 * periodNanos);
            for (long t = 0; t < lasts + 5 * periodNanos; t += 500) {
                double work = Math.min(burstNanos + t * burstShare, totalNanos + t * rateShare);
                double steps = Math.ceil(work / usableNanos) - 1;
                double done = 2.0 * periodNanos - usableNanos + steps * periodNanos + work - steps * usableNanos;
                tried = Math.max(tried, done - t);
            }

            assertThat((double) demand.worstWaitNanos(usableNanos, periodNanos)).isBetween(tried - 1, tried + 502);
        }
    }

    @Test
    void shouldNeverNeedLessForMore() {
        Random random = new Random(13);
        for (int i = 0; i < SETS; i++) {
            Sizing any = new Sizing(Costs.random(random), Costs.FULL_SIZE, Costs.WORKER, SHORTEST_PERIOD);
            Guarantee less = Costs.randomGuarantee(random);
            double share = share(any, less);

            assertThat(share(any, less.withRate(less.packetsPerSecond() + 1 + random.nextInt(10_000))))
                    .as("%s with a larger rate", less)
                    .isGreaterThanOrEqualTo(share);
            assertThat(share(any, less.withBurst(less.burstPackets() + 1 + random.nextInt(100))))
                    .as("%s with a larger burst", less)
                    .isGreaterThanOrEqualTo(share);
        }
    }

    private static double share(Sizing sizing, Guarantee guarantee) {
        return sizing.of(guarantee).map(sized -> sized.reservation().share()).orElse(2.0);
    }

    @Test
    void shouldRefuseALatencyBelowWhatTheShortestPeriodAllows() {
        assertThat(sizing.of(guarantee(1_000, 1, 100_000))).isEmpty();
        assertThat(sizing.of(guarantee(1_000, 1, 300_000))).isPresent();
    }

    @Test
    void shouldFindTheLeastRelaxationThatFits() {
        Guarantee greedy = guarantee(800_000, 64, 500_000);
        Relaxation relaxation = new Relaxation(sizing, greedy, 0.5);
        assertThat(share(sizing, greedy)).isGreaterThan(0.5);

        long rate = relaxation.rate().orElseThrow();
        assertThat(share(sizing, greedy.withRate(rate))).isLessThanOrEqualTo(0.5);
        assertThat(share(sizing, greedy.withRate(rate * 102 / 100))).isGreaterThan(0.5);
    }

    private SizedReservation sized(long rate, int burst, long latencyNanos) {
        return sizing.of(guarantee(rate, burst, latencyNanos)).orElseThrow();
    }

    private static Guarantee guarantee(long rate, int burst, long latencyNanos) {
        return new Guarantee(rate, burst, OptionalLong.of(latencyNanos));
    }
}

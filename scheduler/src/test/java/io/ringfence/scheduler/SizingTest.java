package io.ringfence.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;

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
        // (100 + 2 * 20 + 1522 * 0.1 + 80 + 2 * 10 + 1522 * 0.1) * 1.25
        assertThat(sized.demand().packetNanos()).isCloseTo(680.5, within(1e-6));
        // 64 packets and 4 wake-ups of 5000 + 500 + 300, times 1.25
        assertThat(sized.demand().burstNanos()).isCloseTo(64 * 680.5 + 4 * 7_250, within(1e-6));
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
        // 1000 packets/s in either direction are 2000 wake-ups of 7.25 us, and up to 8000 paced visits of 3.5 us after
        // them.
        assertThat(sized(1_000, 1, 16_000_000).demand().rateShare()).isBetween(0.04, 0.05);
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
            sized.ifPresent(SizingTest::assertKeepsWithNothingToSpare);
        }
        assertThat(kept).as("guarantees that a CPU can keep").isBetween(SETS / 3, SETS - 100);
    }

    private static void assertKeepsWithNothingToSpare(SizedReservation sized) {
        long periodNanos = sized.reservation().periodNanos();
        long latencyNanos = sized.guarantee().latencyNanos().orElse(Sizing.RELAXED_LATENCY_NANOS);
        long usableNanos = sized.usableNanos();
        assertThat(usableNanos).as("%s", sized).isGreaterThanOrEqualTo((long)
                (sized.demand().rateShare() * periodNanos));
        assertThat(sized.worstLatencyNanos()).as("%s", sized).isLessThanOrEqualTo(latencyNanos);
        long runtimeNanos = sized.reservation().runtimeNanos();
        if (runtimeNanos > Sizing.SHORTEST_RUNTIME_NANOS) {
            long lessNanos = Costs.WORKER.usableNanos(runtimeNanos - 1_000);
            boolean rateKept = lessNanos >= sized.demand().rateShare() * periodNanos;
            boolean latencyKept = sized.demand().paceNanos()
                            + Sizing.worstWaitNanos(
                                    lessNanos,
                                    periodNanos,
                                    sized.demand().burstNanos(),
                                    sized.demand().rateShare())
                    <= latencyNanos;
            assertThat(rateKept && latencyKept).as("with 1 us less: %s", sized).isFalse();
        }
    }

    @Test
    void shouldFindTheWorstWaitThatTryingEveryMomentFinds() {
        Random random = new Random(11);
        for (int i = 0; i < SETS; i++) {
            long periodNanos = 100_000L + random.nextInt(900_000);
            long usableNanos = 10_000L + random.nextInt((int) periodNanos - 20_000);
            double rateShare = random.nextDouble() * usableNanos / periodNanos;
            double burstNanos = 1_000 + random.nextInt(1_000_000);

            double tried = 0;
            for (long t = 0; t < 20 * periodNanos; t += 500) {
                double work = burstNanos + t * rateShare;
                double steps = Math.ceil(work / usableNanos) - 1;
                double done = 2.0 * periodNanos - usableNanos + steps * periodNanos + work - steps * usableNanos;
                tried = Math.max(tried, done - t);
            }

            long computed = Sizing.worstWaitNanos(usableNanos, periodNanos, burstNanos, rateShare);
            assertThat((double) computed).isBetween(tried - 1, tried + 502);
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

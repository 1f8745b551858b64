package io.ringfence.dataplane.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.scheduler.CostDistribution;
import io.ringfence.scheduler.CostModel;
import io.ringfence.scheduler.Demand;
import io.ringfence.scheduler.FrameShape;
import io.ringfence.scheduler.Guarantee;
import io.ringfence.scheduler.Sizing;
import java.util.OptionalLong;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What the derivation of reservations says of a worker's wake-ups is what {@link VisitPolicy} makes it do: in no stretch of
 * time does a VM that keeps to its guarantee cost more than {@code burst + t * rate}, however it spaces its packets.
 */
@Timeout(60)
class VisitPolicyTest {
    private static final int RUNS = 400;
    private static final int PACKETS = 3_000;

    /** How a VM spaces its packets, as far as its guarantee lets it. */
    private enum Pattern {
        EVEN,
        SINGLE,
        PAIRS,
        TRAINS,
        RANDOM
    }

    @Test
    void shouldNeverCostMoreThanTheDerivationSays() {
        Random random = new Random(23);
        for (int run = 0; run < RUNS; run++) {
            CostModel costs = costs(random);
            Sizing sizing = new Sizing(costs, new FrameShape(1_522, 2), Worker.MODEL, 100_000);
            Guarantee guarantee = new Guarantee(
                    (long) Math.pow(10, 2.5 + 3 * random.nextDouble()),
                    1 + random.nextInt(64),
                    OptionalLong.of(200_000 + random.nextInt(3_000_000)));
            for (Pattern pattern : Pattern.values()) {
                double excessNanos = excessNanos(sizing, guarantee, pattern, random, costs);
                assertThat(excessNanos)
                        .as("%s %s beyond the demand %s of %s", pattern, guarantee, sizing.demand(guarantee), costs)
                        .isLessThanOrEqualTo(0);
            }
        }
    }

    /** The largest CPU time in any stretch of time beyond what was derived for it. */
    private static double excessNanos(
            Sizing sizing, Guarantee guarantee, Pattern pattern, Random random, CostModel costs) {
        Demand demand = sizing.demand(guarantee);
        double blockedNanos = costs.wakeUp().blocked().p99Nanos() + visitNanos(costs);
        double pacedNanos = costs.wakeUp().paced().p99Nanos() + visitNanos(costs);
        // A packet's cost is that of one sent and one taken in; they come independently of each other.
        double packetNanos = demand.packetNanos() / (1 + Sizing.COST_MARGIN) / 2;
        long[] arrivals = LongStream.concat(
                        LongStream.of(arrivals(guarantee, pattern, random)),
                        LongStream.of(arrivals(guarantee, pattern, random)))
                .sorted()
                .toArray();
        VisitPolicy policy = new VisitPolicy(Pace.binding(demand.paceNanos()));
        Excess soon = new Excess(demand.burstNanos(), demand.burstShare());
        Excess late = new Excess(demand.totalBurstNanos(), demand.rateShare());
        double spent = 0;
        int next = 0;
        long now = 0;
        boolean blocked = true;
        while (next < arrivals.length) {
            now = blocked ? Math.max(now, arrivals[next]) : now + demand.paceNanos();
            soon.begins(now, spent);
            late.begins(now, spent);
            int found = 0;
            double cost = blocked ? blockedNanos : pacedNanos;
            while (next < arrivals.length && arrivals[next] <= now + (long) cost) {
                next++;
                found++;
                cost += packetNanos;
            }
            spent += cost;
            now += (long) cost;
            soon.ends(now, spent);
            late.ends(now, spent);
            blocked = policy.blocks(found, now);
        }
        return Math.max(soon.worst, late.worst);
    }

    /** How far the CPU time of any stretch of time exceeds a bound of the form {@code allowance + t * share}. */
    private static final class Excess {
        private final double allowance;
        private final double share;
        private double lowest = Double.POSITIVE_INFINITY;
        private double worst = Double.NEGATIVE_INFINITY;

        Excess(double allowance, double share) {
            this.allowance = allowance;
            this.share = share;
        }

        void begins(long now, double spent) {
            lowest = Math.min(lowest, spent - share * now);
        }

        void ends(long now, double spent) {
            worst = Math.max(worst, spent - share * now - lowest - allowance);
        }
    }

    private static double visitNanos(CostModel costs) {
        return costs.transmit().perVisit().p99Nanos()
                + costs.receive().perVisit().p99Nanos();
    }

    /** Times of packets, each as early as the pattern wants it and the guarantee's token bucket lets it be. */
    private static long[] arrivals(Guarantee guarantee, Pattern pattern, Random random) {
        double gapNanos = 1e9 / guarantee.packetsPerSecond();
        double slower = 1 + 3 * random.nextDouble();
        long closeNanos = 1_000L + random.nextInt(30_000);
        int train = 1 + random.nextInt(guarantee.burstPackets());
        long[] arrivals = new long[PACKETS];
        double tokens = guarantee.burstPackets();
        double now = 0;
        for (int i = 0; i < PACKETS; i++) {
            double gap = switch (pattern) {
                case EVEN -> gapNanos;
                case SINGLE -> gapNanos * slower;
                case PAIRS -> i % 2 == 0 ? 2 * gapNanos - closeNanos : closeNanos;
                case TRAINS -> i % train == 0 ? train * gapNanos * slower : closeNanos / 10.0;
                case RANDOM -> -Math.log(1 - random.nextDouble()) * gapNanos * slower;
            };
            gap = Math.max(gap, 0);
            tokens = Math.min(tokens + gap / gapNanos, guarantee.burstPackets());
            if (tokens < 1) {
                gap += (1 - tokens) * gapNanos;
                tokens = 1;
            }
            tokens--;
            now += gap;
            arrivals[i] = (long) now;
        }
        return arrivals;
    }

    private static CostModel costs(Random random) {
        return new CostModel(
                side(random),
                side(random),
                new CostModel.WakeUp(constant(random, 1_000, 9_000), constant(random, 500, 4_000)));
    }

    private static CostModel.Side side(Random random) {
        return new CostModel.Side(
                constant(random, 20, 200),
                CostDistribution.constant(0),
                constant(random, 1, 40),
                CostDistribution.constant(0),
                constant(random, 100, 1_500));
    }

    private static CostDistribution constant(Random random, int least, int more) {
        return CostDistribution.constant(least + random.nextInt(more));
    }
}

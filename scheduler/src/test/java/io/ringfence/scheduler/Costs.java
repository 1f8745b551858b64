package io.ringfence.scheduler;

import java.util.OptionalLong;
import java.util.Random;

/** Cost models and guarantees for tests. */
final class Costs {
    static final FrameShape FULL_SIZE = new FrameShape(1_522, 2);
    static final WorkerModel WORKER = new WorkerModel(25_000, 20_000, 100_000, 1.5, 4, 256, 64);

    private Costs() {}

    /** Round numbers of the size that such costs have. */
    static CostModel plain() {
        return new CostModel(
                new CostModel.Side(constant(100), constant(0), constant(20), constant(0.1), constant(500)),
                new CostModel.Side(constant(80), constant(0), constant(10), constant(0.1), constant(300)),
                new CostModel.WakeUp(constant(5_000), constant(2_000)));
    }

    static CostModel random(Random random) {
        return new CostModel(
                new CostModel.Side(
                        constant(20 + random.nextInt(300)),
                        constant(random.nextInt(300)),
                        constant(random.nextInt(60)),
                        constant(random.nextDouble() / 2),
                        constant(random.nextInt(3_000))),
                new CostModel.Side(
                        constant(20 + random.nextInt(300)),
                        constant(random.nextInt(300)),
                        constant(random.nextInt(60)),
                        constant(random.nextDouble() / 2),
                        constant(random.nextInt(3_000))),
                new CostModel.WakeUp(constant(1_000 + random.nextInt(9_000)), constant(500 + random.nextInt(4_000))));
    }

    /** From a trickle to more than a CPU can do, from what needs the shortest periods to what does not care. */
    static Guarantee randomGuarantee(Random random) {
        return new Guarantee(
                (long) Math.pow(10, 1 + 5 * random.nextDouble()),
                1 + random.nextInt(random.nextBoolean() ? 4 : 256),
                random.nextInt(4) == 0
                        ? OptionalLong.empty()
                        : OptionalLong.of((long) (150_000 * Math.pow(10, 2 * random.nextDouble()))));
    }

    private static CostDistribution constant(double nanos) {
        return CostDistribution.constant(nanos);
    }
}

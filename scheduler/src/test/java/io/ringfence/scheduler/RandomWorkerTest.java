package io.ringfence.scheduler;

import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever a worker with a {@link BudgetMeter} does, the kernel has no reason to throttle it. */
class RandomWorkerTest {
    private static final int WORKERS = 20;
    private static final int VISITS = 2000;

    /** Each has a random reservation; of the kernel's side the test decides. */
    private static void runWorkers(long seed, boolean reclaim, Consumer<RandomWorker> kernel) {
        var random = new Random(seed);
        for (int i = 0; i < WORKERS; i++) {
            long periodNanos = 100_000L << random.nextInt(7);
            long runtimeNanos = periodNanos * (5 + random.nextInt(80)) / 100;
            long[] drifts = {0, 4096, -4096};
            var reservation = new Reservation(runtimeNanos, periodNanos, reclaim);
            var worker = new RandomWorker(reservation, drifts[random.nextInt(3)], random);
            kernel.accept(worker);
            worker.run(VISITS);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void shouldNeverLetTheKernelThrottleWhateverTheWorkerDoes(long seed) {
        runWorkers(seed, false, worker -> {});
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void shouldNeverLetTheKernelThrottleWhenItSaysWhatIsLeft(long seed) {
        runWorkers(seed, false, worker -> worker.server.telling());
    }

    /** What others leave unused changes at every moment: between the share and all of it is charged. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void shouldNeverLetTheKernelThrottleWhenItChargesLess(long seed) {
        runWorkers(seed, true, worker -> {
            double share = worker.reservation.share();
            worker.server.telling().charging(() -> switch (worker.random.nextInt(3)) {
                case 0 -> 1;
                case 1 -> share;
                default -> share + worker.random.nextDouble() * (1 - share);
            });
        });
    }
}

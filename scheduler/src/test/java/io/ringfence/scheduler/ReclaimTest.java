package io.ringfence.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.testing.RequiresPartition;
import java.util.Arrays;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the kernel gives a thread that reclaims, alone and beside one that uses its own. */
@RequiresPartition
@Timeout(60)
class ReclaimTest {
    private static final Reservation QUARTER = new Reservation(1_000_000, 4_000_000);
    private static final Reservation HALF = new Reservation(2_000_000, 4_000_000);
    /** The median counts: a host that stops spoils those windows that it falls into. */
    private static final int WINDOWS = 11;

    private static final int WINDOW_MILLIS = 100;

    private CpuPartition partition;

    @BeforeEach
    void createPartition() {
        partition = CpuPartition.create(RequiresPartition.CPU);
    }

    @AfterEach
    void closePartition() {
        partition.close();
    }

    @Test
    void shouldGiveWhatNobodyUsesToAThreadThatReclaims() throws Exception {
        try (var worker = spinning(QUARTER.reclaiming(true))) {
            assertThat(ThreadScheduling.read(worker.threadId()).reclaims()).isTrue();
            assertThat(shares(worker)[0]).as("share of the CPU, alone").isGreaterThan(0.7);
        }
    }

    @Test
    void shouldGiveNoMoreThanItsOwnToOneThatDoesNot() throws Exception {
        try (var worker = spinning(QUARTER)) {
            assertThat(shares(worker)[0]).as("share of the CPU, alone").isBetween(0.15, 0.35);
        }
    }

    @Test
    void shouldNotTakeFromANeighbourThatUsesItsOwn() throws Exception {
        try (var greedy = spinning(QUARTER.reclaiming(true));
                var neighbour = spinning(HALF)) {
            double[] shares = shares(greedy, neighbour);

            assertThat(shares[1]).as("the neighbour's share of the CPU").isBetween(0.45, 0.55);
            assertThat(shares[0]).as("share of the one that reclaims").isBetween(0.2, 0.5);
        }
    }

    private TestWorker spinning(Reservation reservation) {
        var worker = new TestWorker(partition, ReclaimTest::spin);
        ThreadScheduling.applyDeadline(worker.threadId(), reservation);
        worker.start();
        return worker;
    }

    private static void spin(BooleanSupplier stopped) {
        while (!stopped.getAsBoolean()) {
            Thread.onSpinWait();
        }
    }

    /** Of one CPU, by each of the workers, in the median of some windows. */
    private static double[] shares(TestWorker... workers) throws InterruptedException {
        var shares = new double[workers.length][WINDOWS];
        for (int window = 0; window < WINDOWS; window++) {
            long[] before = cpuTimes(workers);
            long startNanos = System.nanoTime();
            Thread.sleep(WINDOW_MILLIS); // the length of a measurement
            long[] after = cpuTimes(workers);
            long nanos = System.nanoTime() - startNanos;
            for (int i = 0; i < workers.length; i++) {
                shares[i][window] = (double) (after[i] - before[i]) / nanos;
            }
        }
        return Arrays.stream(shares)
                .peek(Arrays::sort)
                .mapToDouble(sorted -> sorted[WINDOWS / 2])
                .toArray();
    }

    private static long[] cpuTimes(TestWorker... workers) {
        return Arrays.stream(workers)
                .mapToLong(worker -> worker.statistics().cpuNanos())
                .toArray();
    }
}

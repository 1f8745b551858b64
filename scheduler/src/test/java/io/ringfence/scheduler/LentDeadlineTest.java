package io.ringfence.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.testing.RequiresPartition;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a thread waits for a lock whose holder the kernel throttles again and again in the middle: with its deadline lent, and,
 * as a control, without.
 */
@RequiresPartition
@Timeout(60)
class LentDeadlineTest {
    private static final Reservation HOLDER = new Reservation(4_000_000, 40_000_000);
    private static final Reservation WAITER = new Reservation(300_000, 1_000_000);
    private static final long HELD_NANOS = 1_500_000;
    private static final long LOOKS_EVERY_NANOS = 1_000_000;
    private static final int WAITS = 300;

    private final InheritingLock lock = new InheritingLock();
    private final long[] waitedNanos = new long[WAITS];

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldHaveAThrottledHolderGoOnWithTheDeadlineOfWhoWaits(boolean lends) throws Exception {
        AtomicBoolean ended = new AtomicBoolean();
        try (CpuPartition partition = CpuPartition.create(RequiresPartition.CPU);
                TestWorker holder = new TestWorker(partition, stopped -> hold(stopped, ended));
                TestWorker waiter = new TestWorker(partition, stopped -> look(lends, stopped))) {
            ThreadScheduling.applyDeadline(holder.threadId(), HOLDER);
            ThreadScheduling.applyDeadline(waiter.threadId(), WAITER);
            holder.start();
            waiter.start();
            waiter.await();
            ended.set(true);
        }
        Arrays.sort(waitedNanos);
        long longWaits =
                Arrays.stream(waitedNanos).filter(nanos -> nanos > 15_000_000).count();
        // Throttled, the holder rests for 36 ms of 40. The host itself may stop for long now and then.
        if (lends) {
            assertThat(longWaits).as("waits above 15 ms, of %d", WAITS).isLessThan(5);
        } else {
            assertThat(longWaits).as("waits above 15 ms, of %d", WAITS).isGreaterThan(5);
        }
    }

    /** Holds the lock for a part of its budget that does not divide it: every few times it is throttled while it holds it. */
    private void hold(BooleanSupplier stopped, AtomicBoolean ended) {
        try (NativeThread self = new NativeThread()) {
            int id = NativeThread.currentId();
            while (!stopped.getAsBoolean() && !ended.get()) {
                if (lock.tryLock(id)) {
                    work(self, HELD_NANOS);
                    lock.unlock();
                }
                self.sleepUntil(System.nanoTime() + 100_000);
            }
        }
    }

    private static void work(NativeThread self, long cpuNanos) {
        long end = self.cpuTimeNanos() + cpuNanos;
        while (self.cpuTimeNanos() < end) {
            Thread.onSpinWait();
        }
    }

    private void look(boolean lends, BooleanSupplier stopped) {
        try (NativeThread self = new NativeThread()) {
            int id = NativeThread.currentId();
            for (int i = 0; i < WAITS && !stopped.getAsBoolean(); i++) {
                self.sleepUntil(System.nanoTime() + LOOKS_EVERY_NANOS);
                long start = System.nanoTime();
                boolean in = lock.tryLock(id);
                while (!in) {
                    if (lends) {
                        in = lock.lockLending(self, System.nanoTime() + 1_000_000_000);
                    } else {
                        self.sleepUntil(System.nanoTime() + 200_000);
                        in = lock.tryLock(id);
                    }
                }
                waitedNanos[i] = System.nanoTime() - start;
                lock.unlock();
            }
        }
    }
}

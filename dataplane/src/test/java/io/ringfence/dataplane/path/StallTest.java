package io.ringfence.dataplane.path;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.dataplane.telemetry.Counter;
import io.ringfence.dataplane.telemetry.Stalls;
import io.ringfence.dataplane.worker.WorkerCommand;
import io.ringfence.testing.Await;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A pause of the whole JVM is seen in the histogram of every worker that had work meanwhile. */
@Timeout(120)
class StallTest {
    /** The lower end of a bucket, 17 ms: below what walking so many stacks takes on a fast machine. */
    private static final long PAUSE_NANOS = Stalls.SHORTEST_NANOS << 8;

    private static final long RELEASE_NANOS = 1_000_000_000;
    private static final int DEEP_THREADS = 100;
    private static final int DEPTH = 3_000;

    private static void descend(int depth, CountDownLatch arrived, CountDownLatch end) {
        if (depth > 0) {
            descend(depth - 1, arrived, end);
            return;
        }
        arrived.countDown();
        try {
            end.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void shouldShowAPauseOfTheJvmInTheHistogram() throws InterruptedException {
        try (Workers workers = new Workers(2)) {
            FlowGuest sender = workers.guests.get(0);
            FlowGuest receiver = workers.guests.get(1);
            CountDownLatch stop = new CountDownLatch(1);
            Thread load = Thread.ofPlatform().start(() -> {
                while (stop.getCount() > 0) {
                    sender.send(1, 60);
                    sender.flush();
                    receiver.receive(64);
                }
            });
            Await.spinning("traffic flows", () -> workers.lan.count(1, Counter.RECEIVED_FRAMES) > 1_000);
            long before = longStalls(workers);
            CountDownLatch arrived = new CountDownLatch(DEEP_THREADS);
            for (int i = 0; i < DEEP_THREADS; i++) {
                Thread.ofPlatform().stackSize(8 << 20).daemon().start(() -> descend(DEPTH, arrived, stop));
            }
            assertThat(arrived.await(30, TimeUnit.SECONDS)).isTrue();
            // Not every pause is seen: a worker may be blocked, without work, for all of it.
            for (int pause = 0; pause < 100 && longStalls(workers) == before; pause++) {
                Thread.getAllStackTraces(); // walks all stacks while the world stands still
            }
            assertThat(longStalls(workers))
                    .as(
                            "a long pause was counted; guest alive %s, failures %s; %s",
                            load.isAlive(), workers.failures(0), workers.lan.describe(0))
                    .isGreaterThan(before);
            stop.countDown();
            load.join();
            assertThat(workers.lan.count(0, Counter.STALLED_NANOS)).isGreaterThan(PAUSE_NANOS);
        }
    }

    @Test
    void shouldCountNoStallWhenACommandOfTheControlPlaneTakesLong() {
        try (Workers workers = new Workers(2)) {
            CompletableFuture<Void> released = new CompletableFuture<>();
            workers.submit(
                    0,
                    new WorkerCommand.Release(
                            () -> {
                                // As it does until the kernel has released the bandwidth.
                                LockSupport.parkNanos(RELEASE_NANOS);
                                return true;
                            },
                            () -> released.complete(null),
                            released::completeExceptionally));
            assertThat(released).succeedsWithin(Workers.TIME_LIMIT_SECONDS, TimeUnit.SECONDS);
            long blocks = workers.lan.count(0, Counter.BLOCKS);
            workers.lan.doorbell(0).event().signal();
            Await.spinning("what it counted is shown", () -> workers.lan.count(0, Counter.BLOCKS) > blocks);

            assertThat(workers.lan.count(0, Counter.STALLED_NANOS)).isLessThan(RELEASE_NANOS);
        }
    }

    private static long longStalls(Workers workers) {
        long count = 0;
        for (int bucket = 0; bucket < Stalls.HISTOGRAM.size(); bucket++) {
            if (Stalls.SHORTEST_NANOS << bucket >= PAUSE_NANOS) {
                count += workers.lan.count(0, Stalls.HISTOGRAM.get(bucket));
            }
        }
        return count;
    }
}

package io.ringfence.scheduler;

import io.ringfence.scheduler.linux.Proc;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** A platform thread that waits for its start signal, works until it is stopped, and can be waited for. */
final class TestWorker implements AutoCloseable {
    /** What the worker does until {@code stopped} says so. */
    interface Work {
        void run(BooleanSupplier stopped) throws Exception;
    }

    private final CompletableFuture<Integer> id = new CompletableFuture<>();
    private final CountDownLatch start = new CountDownLatch(1);
    private final CompletableFuture<Void> result = new CompletableFuture<>();
    private final Thread thread;
    private volatile boolean stopped;

    TestWorker(Work work) {
        this(() -> {}, work);
    }

    /** A worker that enters the partition by itself. */
    TestWorker(CpuPartition partition, Work work) {
        this(() -> partition.admit(NativeThread.currentId()), work);
    }

    /** A worker that does something else first. */
    TestWorker(Runnable enter, Work work) {
        thread = Thread.ofPlatform().daemon().name("test-worker").start(() -> {
            try {
                enter.run();
                id.complete(NativeThread.currentId());
                start.await();
                work.run(() -> stopped);
                result.complete(null);
            } catch (Throwable failure) {
                id.completeExceptionally(failure);
                result.completeExceptionally(failure);
            } finally {
                ThreadScheduling.leaveDeadlineToEnd(new NativeThread());
            }
        });
    }

    int threadId() {
        return id.join();
    }

    void start() {
        start.countDown();
    }

    /** Waits for the work to end by itself; what it threw is thrown here. */
    void await() throws Exception {
        result.get(20, TimeUnit.SECONDS);
    }

    /** Whether it sleeps until it is started, and not just for a moment before that. */
    boolean sleepsUntilStarted() {
        return thread.getState() == Thread.State.WAITING
                && Proc.status(threadId(), "State").orElseThrow().startsWith("S");
    }

    ThreadStatistics statistics() {
        return ThreadStatistics.read(threadId()).orElseThrow();
    }

    @Override
    public void close() {
        stopped = true;
        start.countDown();
        try {
            if (!thread.join(Duration.ofSeconds(20))) {
                throw new AssertionError("the worker does not end");
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}

package io.ringfence.scheduler;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.function.IntConsumer;

/** A sleeping thread in a partition, to try reservations on; it gives its bandwidth back when closed. */
final class ProbeThread implements AutoCloseable {
    private final CountDownLatch done = new CountDownLatch(1);
    private final Thread thread;
    private final int threadId;

    /**
     * Starts it and waits until it is in its partition.
     *
     * @param admission puts a thread into the partition, such as {@link CpuPartition#admit}; what it throws is thrown here
     */
    ProbeThread(IntConsumer admission) {
        var admitted = new CompletableFuture<Integer>();
        thread = Thread.ofPlatform().daemon().name("admission-probe").start(() -> {
            try {
                int self = NativeThread.currentId();
                admission.accept(self);
                admitted.complete(self);
            } catch (Throwable failure) { // of any kind: the other thread would wait for ever
                admitted.completeExceptionally(failure);
                return;
            }
            awaitDone();
            ThreadScheduling.leaveDeadlineToEnd(new NativeThread());
        });
        threadId = join(admitted);
    }

    int threadId() {
        return threadId;
    }

    private static int join(CompletableFuture<Integer> admitted) {
        try {
            return admitted.join();
        } catch (CompletionException failure) {
            if (failure.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            if (failure.getCause() instanceof Error cause) {
                throw cause;
            }
            throw failure;
        }
    }

    private void awaitDone() {
        try {
            done.await();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        done.countDown();
        try {
            thread.join();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}

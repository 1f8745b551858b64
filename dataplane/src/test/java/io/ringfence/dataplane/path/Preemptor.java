package io.ringfence.dataplane.path;

import io.ringfence.scheduler.NativeThread;
import io.ringfence.scheduler.ThreadScheduling;
import io.ringfence.scheduler.linux.SchedulerCalls;
import java.util.BitSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * Takes a CPU away from whoever runs there, at random moments and for a random time: a SCHED_FIFO thread that wakes
 * every 20 to 500 us and spins for 50 to 300 us.
 *
 * <p>The kernel preempts at the timer's interrupt, hence between any two instructions: inside claims, between an
 * index and its flag, in the middle of a copy.
 */
final class Preemptor implements AutoCloseable {
    private static final int PRIORITY = 10;

    private final CompletableFuture<Integer> started = new CompletableFuture<>();
    private final RandomGenerator random;
    private final Thread thread;
    private final AtomicLong preemptions = new AtomicLong();
    private volatile boolean stop;

    /** Starts on this CPU. */
    Preemptor(int cpu, long seed) {
        random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        thread = Thread.ofPlatform().name("preemptor").daemon().start(this::preempt);
        int threadId = started.join();
        pin(threadId, cpu);
        ThreadScheduling.applyFifo(threadId, PRIORITY);
    }

    /** Puts a thread on one CPU. */
    static void pin(int threadId, int cpu) {
        BitSet one = new BitSet();
        one.set(cpu);
        int error = SchedulerCalls.setAffinity(threadId, one);
        if (error != 0) {
            throw new IllegalStateException("cannot pin thread %d to CPU %d: error %d".formatted(threadId, cpu, error));
        }
    }

    /** The first CPU that this process may use. */
    static int anyCpu() {
        return SchedulerCalls.getAffinity(NativeThread.currentId()).nextSetBit(0);
    }

    private void preempt() {
        NativeThread self = new NativeThread();
        started.complete(NativeThread.currentId());
        while (!stop) {
            self.sleepUntil(System.nanoTime() + random.nextInt(20_000, 500_000));
            long until = System.nanoTime() + random.nextInt(50_000, 300_000);
            while (System.nanoTime() - until < 0) {
                Thread.onSpinWait();
            }
            preemptions.incrementAndGet();
        }
    }

    /** How often it has taken the CPU. */
    long preemptions() {
        return preemptions.get();
    }

    @Override
    public void close() {
        stop = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

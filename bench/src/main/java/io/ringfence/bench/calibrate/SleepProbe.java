package io.ringfence.bench.calibrate;

import io.ringfence.scheduler.CostModel;
import io.ringfence.scheduler.NativeThread;
import io.ringfence.scheduler.ThreadScheduling;
import java.io.IOException;

/**
 * Measures what it costs a worker to sleep once, in CPU time of its thread: blocked until another CPU kicks it, or for a
 * set time. While it sleeps, another thread has the CPU and keeps its caches cold.
 */
final class SleepProbe implements AutoCloseable {
    private static final int FRAME_LENGTH_BYTES = 60;
    /** Long enough for the worker to be asleep when the kick comes. */
    private static final long KICK_AFTER_NANOS = 50_000;

    private final GuestPair guests;
    private final SleepingWorker worker;
    private final Stopwatch stopwatch;
    private final Samples blocked = new Samples();
    private final Samples paced = new Samples();
    private final Runnable kick;
    private final Thread neighbour;
    private volatile boolean ended;
    private volatile long kickAtNanos;

    /**
     * By the thread of the worker's code.
     *
     * @param cpu the CPU that it runs on
     */
    SleepProbe(int cpu, Neighbour evictor, Stopwatch stopwatch) throws IOException {
        guests = GuestPair.create(VisitShape.Layout.PLAIN, VisitShape.Layout.PLAIN);
        worker = guests.sleepingSender();
        this.stopwatch = stopwatch;
        kick = this::kick;
        neighbour = Thread.ofPlatform().name("calibrate-neighbour").daemon().unstarted(() -> keepBusy(cpu, evictor));
        neighbour.start();
    }

    /** Whatever is left of the CPU. */
    private void keepBusy(int cpu, Neighbour evictor) {
        int self = NativeThread.currentId();
        ThreadScheduling.pin(self, cpu);
        ThreadScheduling.applyIdle(self);
        while (!ended) {
            evictor.evict();
        }
    }

    /** Guests' CPU. */
    private void kick() {
        guests.collect();
        while (System.nanoTime() - kickAtNanos < 0) {
            Thread.onSpinWait();
        }
        guests.offer(1, FRAME_LENGTH_BYTES);
    }

    /** Measures one sleep of each kind. */
    void measure(GuestThread guestThread) {
        worker.takeAll();
        kickAtNanos = System.nanoTime() + KICK_AFTER_NANOS;
        guestThread.begin(kick);
        stopwatch.start();
        boolean kicked = worker.block();
        long cost = stopwatch.stopCpuTime();
        if (kicked) {
            blocked.add(cost);
        }
        guestThread.await();
        guests.settle();
        stopwatch.start();
        worker.pace();
        paced.add(stopwatch.stopCpuTime());
    }

    /** Forgets what was measured so far. */
    void forget() {
        blocked.clear();
        paced.clear();
    }

    /** How many sleeps until a kick were measured. */
    int count() {
        return blocked.count();
    }

    /** What they cost. */
    CostModel.WakeUp cost() {
        return new CostModel.WakeUp(blocked.distribution(), paced.distribution());
    }

    @Override
    public void close() {
        ended = true;
        try {
            neighbour.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        guests.close();
    }
}

package io.ringfence.dataplane.diagnosis;

import java.util.concurrent.locks.LockSupport;

/** A thread that does the same again and again, so many times a second. */
final class PacedThread implements AutoCloseable {
    /** What it did not come to for longer than so many steps, it does not make up for. */
    private static final int STEPS_IN_ARREARS = 10;

    private final long everyNanos;
    private final Runnable step;
    private final Thread thread;
    private volatile boolean ending;

    private PacedThread(String name, long everyNanos, Runnable step) {
        this.everyNanos = everyNanos;
        this.step = step;
        thread = Thread.ofPlatform().name(name).daemon().unstarted(this::run);
    }

    static PacedThread start(String name, long everyNanos, Runnable step) {
        PacedThread paced = new PacedThread(name, everyNanos, step);
        paced.thread.start();
        return paced;
    }

    private void run() {
        long due = System.nanoTime();
        while (!ending) {
            step.run();
            due += everyNanos;
            long now = System.nanoTime();
            if (now - due > STEPS_IN_ARREARS * everyNanos) {
                due = now;
            }
            while (due - now > 0 && !ending) {
                LockSupport.parkNanos(due - now);
                now = System.nanoTime();
            }
        }
    }

    /** Ends the thread after its step; waits for that. */
    @Override
    public void close() {
        ending = true;
        LockSupport.unpark(thread);
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

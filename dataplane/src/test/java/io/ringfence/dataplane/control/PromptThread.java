package io.ringfence.dataplane.control;

import io.ringfence.scheduler.NativeThread;
import io.ringfence.scheduler.ThreadScheduling;
import java.util.concurrent.locks.LockSupport;

/**
 * Until closed, the calling thread runs before all ordinary ones (SCHED_FIFO): guests that it plays send and receive in
 * time on a crowded machine, too. Whoever only ever runs, and never {@link #nap}s, starves the JVM's own threads.
 */
final class PromptThread implements AutoCloseable {
    private static final int PRIORITY = 1;
    private static final long NAP_NANOS = 50_000;

    private final int threadId = NativeThread.currentId();

    PromptThread() {
        ThreadScheduling.applyFifo(threadId, PRIORITY);
    }

    /** Leaves the CPU to others for a moment that is short against the time in which a guest's queue runs full or dry. */
    void nap() {
        LockSupport.parkNanos(NAP_NANOS);
    }

    @Override
    public void close() {
        ThreadScheduling.applyOther(threadId);
    }
}

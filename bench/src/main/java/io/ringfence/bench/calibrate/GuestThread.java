package io.ringfence.bench.calibrate;

import org.jspecify.annotations.Nullable;

/**
 * The thread that plays all guests, on another CPU than the worker's code, so that what the worker reads lies in another
 * CPU's caches, as with real guests. It spins: a wake-up for each visit would disturb what is measured.
 */
final class GuestThread implements AutoCloseable {
    private final Thread thread =
            Thread.ofPlatform().name("calibrate-guests").daemon().unstarted(this::run);
    private volatile @Nullable Runnable job;
    private volatile @Nullable Throwable failure;
    private volatile boolean ended;

    /** Starts the thread where its creator runs. */
    GuestThread() {
        thread.start();
    }

    /** Has the guests do something while the caller goes on; what they did before must be over. */
    void begin(Runnable work) {
        job = work;
    }

    /**
     * Spins until the guests have done it.
     *
     * @throws IllegalStateException if they could not
     */
    void await() {
        while (job != null) {
            if (failure != null) {
                throw new IllegalStateException(failure.getMessage(), failure);
            }
            Thread.onSpinWait();
        }
    }

    private void run() {
        try {
            while (!ended) {
                Runnable work = job;
                if (work == null) {
                    Thread.onSpinWait();
                } else {
                    work.run();
                    job = null;
                }
            }
        } catch (RuntimeException | Error e) {
            failure = e;
        }
    }

    @Override
    public void close() {
        ended = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

package io.ringfence.bench.terminal;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;

/**
 * What has to be undone at the end of a command, last first, however it ends: also by SIGINT or SIGTERM.
 *
 * <p>While something is being opened an end waits, so that nothing is left half open.
 */
public final class Cleanup implements AutoCloseable {
    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private final Thread hook;
    private boolean ended;

    private Cleanup(Runnable interrupted) {
        hook = Thread.ofPlatform().name("cleanup").unstarted(() -> {
            undo();
            interrupted.run();
        });
    }

    /** Begins to answer the signals; {@code interrupted} runs after a clean-up that one of them has caused. */
    public static Cleanup alsoOnExit(Runnable interrupted) {
        Cleanup cleanup = new Cleanup(interrupted);
        Runtime.getRuntime().addShutdownHook(cleanup.hook);
        return cleanup;
    }

    /** Opens something that will be closed at the end. */
    public synchronized <T extends AutoCloseable> T open(Callable<T> opener) throws Exception {
        if (ended) {
            throw new IllegalStateException("this command is ending");
        }
        T opened = opener.call();
        open.push(opened);
        return opened;
    }

    /** Undoes everything; returns never if the JVM is ending, which has its exit code already. */
    @Override
    public void close() {
        boolean exiting = false;
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException stopping) {
            exiting = true;
        }
        undo();
        while (exiting) {
            LockSupport.park();
        }
    }

    private synchronized void undo() {
        ended = true;
        while (!open.isEmpty()) {
            AutoCloseable next = open.pop();
            try {
                next.close();
            } catch (Exception e) {
                System.err.println("ringfence: cannot clean up: " + e);
            }
        }
    }
}

package io.ringfence.vhostuser.linux;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Closes descriptors on threads of its own, for close(2) may take as long as whoever sent them likes: that of a FUSE file
 * waits for the file system's answer to its FLUSH, that of a socket for SO_LINGER, and that of a unix socket for all of
 * these, if they were sent over it and nobody received them.
 *
 * <p>Any thread; it waits for nothing. Where all threads hang, what comes next stays open until one of them is through.
 */
final class SlowClose {
    /** For descriptors of unknown kind, which a peer sent. */
    static final SlowClose RECEIVED = new SlowClose("vhost-user-close-");

    /** For unix sockets; apart, since one message may bring more slow descriptors than there are threads. */
    static final SlowClose SOCKETS = new SlowClose("vhost-user-hang-up-");

    private static final int THREADS = 8;

    private final ThreadPoolExecutor executor;
    private final AtomicInteger unfinished = new AtomicInteger();

    private SlowClose(String threadName) {
        executor = new ThreadPoolExecutor(
                THREADS,
                THREADS,
                1,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                Thread.ofPlatform().daemon().name(threadName, 1).factory());
        executor.allowCoreThreadTimeOut(true);
    }

    /** Closes the descriptor soon. */
    void begin(int fd) {
        unfinished.incrementAndGet();
        executor.execute(() -> {
            Libc.close(fd);
            unfinished.decrementAndGet();
        });
    }

    /** Number of descriptors that it was given and that may still be open. */
    int unfinished() {
        return unfinished.get();
    }
}

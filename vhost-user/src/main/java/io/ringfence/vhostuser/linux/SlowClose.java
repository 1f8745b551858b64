package io.ringfence.vhostuser.linux;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Closes descriptors of unknown kind on threads of its own, for close(2) may take as long as whoever sent them likes: that of
 * a FUSE file waits for the file system's answer to its FLUSH, that of a socket for SO_LINGER.
 *
 * <p>Any thread; it waits for nothing. Where all threads hang, what comes next stays open until one of them is through.
 */
final class SlowClose {
    private static final int THREADS = 8;
    private static final ThreadPoolExecutor EXECUTOR = executor();

    private SlowClose() {}

    /** Closes the descriptor soon. */
    static void begin(int fd) {
        EXECUTOR.execute(() -> Libc.close(fd));
    }

    private static ThreadPoolExecutor executor() {
        ThreadPoolExecutor executor = new ThreadPoolExecutor(
                THREADS,
                THREADS,
                1,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                Thread.ofPlatform().daemon().name("vhost-user-close-", 1).factory());
        executor.allowCoreThreadTimeOut(true);
        return executor;
    }
}

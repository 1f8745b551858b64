package io.ringfence.vhostuser.linux;

import java.io.IOException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Closes what one peer sent, and the sockets to it, on a thread of its own, for close(2) may take as long as the peer likes: that of
 * a FUSE file waits for the file system's answer to its FLUSH, that of a socket for SO_LINGER, and that of a unix socket for all of
 * these, if they were sent over it and nobody received them.
 *
 * <p>Any thread; it waits for nothing. One after the other: behind one that hangs the peer's own stay open and nobody else's, and
 * {@link #requireFewOpen} says when they are too many.
 */
public final class SlowClose {
    /** For peers that nobody has to be protected from. */
    static final SlowClose SHARED = new SlowClose();

    /** More than a sound peer ever leaves, whose sockets are closed one at a time, if this thread does not get to it for a while. */
    private static final int FEW = 32;

    private static final AtomicInteger UNFINISHED_OF_ALL = new AtomicInteger();

    private final ThreadPoolExecutor executor;
    private final AtomicInteger unfinished = new AtomicInteger();

    /** For one peer; the thread is there only while there is something to close. */
    public SlowClose() {
        executor = new ThreadPoolExecutor(
                1,
                1,
                1,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                Thread.ofPlatform().daemon().name("vhost-user-close").factory());
        executor.allowCoreThreadTimeOut(true);
    }

    /** Closes the descriptor soon. */
    void begin(int fd) {
        unfinished.incrementAndGet();
        UNFINISHED_OF_ALL.incrementAndGet();
        executor.execute(() -> {
            Libc.close(fd);
            unfinished.decrementAndGet();
            UNFINISHED_OF_ALL.decrementAndGet();
        });
    }

    /**
     * Refuses the peer while it keeps descriptors of this process from being closed.
     *
     * @throws IOException if there are more than a sound peer leaves; with the same message each time
     */
    public void requireFewOpen() throws IOException {
        if (unfinished.get() > FEW) {
            throw new IOException(
                    ("more than %d file descriptors that the front-end sent are still being closed, which waits for "
                                    + "whoever is behind them (FUSE, SO_LINGER): it is served again when they are closed")
                            .formatted(FEW));
        }
    }

    /** Number of descriptors, of all peers, that may still be open. */
    static int unfinishedOfAll() {
        return UNFINISHED_OF_ALL.get();
    }
}

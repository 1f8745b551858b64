package io.ringfence.vhostuser.backend;

import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.FileDescriptor;

/**
 * Waits for one descriptor, level-triggered; used by its event loop's thread only.
 *
 * <p>A peer that hangs up is reported even when nothing was asked for, again and again until {@link #cancel}. The
 * descriptor stays its owner's, who closes it after that.
 */
final class Watch implements EpollIoHandle {
    private static final EpollIoOps READ = EpollIoOps.EPOLLIN.with(EpollIoOps.EPOLLRDHUP);

    private final FileDescriptor fd;
    private final Runnable onReady;
    private final IoRegistration registration;

    /** Starts to wait for nothing yet. */
    Watch(IoEventLoop loop, int fd, Runnable onReady) {
        this.fd = new FileDescriptor(fd);
        this.onReady = onReady;
        // On the loop's own thread the registration is complete when register returns.
        this.registration = loop.register(this).syncUninterruptibly().getNow();
    }

    void waitToRead() {
        registration.submit(READ);
    }

    void waitToWrite() {
        registration.submit(EpollIoOps.EPOLLOUT);
    }

    void waitForNothing() {
        // Not NONE: with that Netty 4.2.18 takes the descriptor out of its epoll set and never puts it back.
        registration.submit(EpollIoOps.EPOLLERR);
    }

    void cancel() {
        registration.cancel();
    }

    @Override
    public FileDescriptor fd() {
        return fd;
    }

    @Override
    public void handle(IoRegistration ignored, IoEvent event) {
        onReady.run();
    }

    @Override
    public void close() {
        // The event loop ends; the descriptor belongs to the session or listener.
    }
}

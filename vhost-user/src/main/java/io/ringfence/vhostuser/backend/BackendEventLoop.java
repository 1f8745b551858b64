package io.ringfence.vhostuser.backend;

import io.netty.channel.IoEventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.TimeUnit;

/**
 * The threads that serve vhost-user sockets (Netty, epoll).
 *
 * <p>Every listener or connector stays on one thread. Close those first, then this.
 */
public final class BackendEventLoop implements AutoCloseable {
    private final MultiThreadIoEventLoopGroup group;

    private BackendEventLoop(MultiThreadIoEventLoopGroup group) {
        this.group = group;
    }

    /** Starts the threads, as daemons, with the CPU affinity and policy of the caller. */
    public static BackendEventLoop start(int threads) {
        return new BackendEventLoop(new MultiThreadIoEventLoopGroup(
                threads, new DefaultThreadFactory("vhost-user", true), EpollIoHandler.newFactory()));
    }

    IoEventLoop next() {
        return group.next();
    }

    /** Stops the threads and waits for their end. */
    @Override
    public void close() {
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }
}

package io.ringfence.vhostuser.event;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.ringfence.vhostuser.linux.Libc;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A set of eventfds that one thread waits for ({@code epoll(7)}, edge-triggered).
 *
 * <p>Edge-triggered, a signal needs no read: the counter is never emptied, and a signal after the last wait ends the
 * next one. {@link #add} and {@link #remove} may be called by any thread, {@link #await} by one.
 */
public final class EventSet implements AutoCloseable {
    private static final int EPOLL_CLOEXEC = 0x80000;
    private static final int EPOLL_CTL_ADD = 1;
    private static final int EPOLL_CTL_DEL = 2;
    private static final int EPOLLIN = 1;
    private static final int EPOLLET = 1 << 31;
    private static final int MAX_EVENT_LENGTH_BYTES = 16; // struct epoll_event: 12 bytes on x86-64, 16 elsewhere
    private static final int MAX_EVENTS = 16;
    private static final short POLLIN = 1;
    private static final long NANOS_PER_SECOND = 1_000_000_000;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment events = arena.allocate(MAX_EVENTS * MAX_EVENT_LENGTH_BYTES, 8);
    private final MemorySegment pollfd = arena.allocate(8, 4); // struct pollfd: int fd; short events, revents
    private final MemorySegment timespec = arena.allocate(16, 8); // struct timespec: long seconds, nanoseconds
    private final int fd;

    private EventSet(int fd) {
        this.fd = fd;
        pollfd.set(JAVA_INT, 0, fd);
        pollfd.set(JAVA_SHORT, 4, POLLIN);
    }

    /** Creates an empty set. */
    public static EventSet create() {
        return new EventSet(Libc.check("epoll_create1", Libc.epoll_create1(EPOLL_CLOEXEC)));
    }

    /** Adds an eventfd; one that was signalled before ends the next wait at once. */
    public void add(EventFd event) {
        Libc.check("epoll_ctl(ADD)", control(EPOLL_CTL_ADD, event));
    }

    /** Removes an eventfd; must be done before it is closed, because the peer still holds the same open file. */
    public void remove(EventFd event) {
        Libc.check("epoll_ctl(DEL)", control(EPOLL_CTL_DEL, event));
    }

    private int control(int operation, EventFd event) {
        try (Arena scratch = Arena.ofConfined()) {
            MemorySegment description = scratch.allocate(MAX_EVENT_LENGTH_BYTES, 8);
            description.set(JAVA_INT, 0, EPOLLIN | EPOLLET);
            return Libc.epoll_ctl(fd, operation, event.fd(), description.address());
        }
    }

    /**
     * Blocks natively until one of the set is signalled or the time is over.
     *
     * @param timeoutMillis -1 to wait without end, 0 to look only
     * @return how many of the set were signalled; 0 after the time limit or an interrupted wait
     */
    public int await(int timeoutMillis) {
        return Math.max(0, EventCalls.epollWait(fd, events, MAX_EVENTS, timeoutMillis));
    }

    /** As {@link #await}, with a time limit finer than the milliseconds of {@code epoll_wait(2)}. */
    public int awaitNanos(long timeoutNanos) {
        timespec.set(JAVA_LONG, 0, timeoutNanos / NANOS_PER_SECOND);
        timespec.set(JAVA_LONG, 8, timeoutNanos % NANOS_PER_SECOND);
        return EventCalls.poll(pollfd, timespec) > 0 ? await(0) : 0;
    }

    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            arena.close(); // first: it throws while somebody waits, and for all but one who close at once
            Libc.close(fd);
        }
    }
}

package io.ringfence.vhostuser.event;

import io.ringfence.vhostuser.linux.Libc;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A Linux {@code eventfd(2)}: a kick, call or error descriptor of a virtqueue, or a doorbell between threads.
 *
 * <p>{@link #signal} may be called by any thread and never blocks; {@link #close} once, when no thread uses it.
 */
public final class EventFd implements AutoCloseable {
    private static final int EFD_CLOEXEC = 0x80000;
    private static final int EFD_NONBLOCK = 0x800;
    private static final int F_GETFL = 3;
    private static final int F_SETFL = 4;
    private static final int O_NONBLOCK = 0x800;

    private final int fd;
    private boolean closed;

    private EventFd(int fd) {
        this.fd = fd;
    }

    /** Creates a non-blocking eventfd with counter 0. */
    public static EventFd create() {
        return new EventFd(Libc.check("eventfd", Libc.eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)));
    }

    /**
     * Takes ownership of a descriptor that a peer sent.
     *
     * <p>Anything but an eventfd is refused: writing to a full pipe, say, would block the worker that signals it.
     *
     * @throws IOException if the descriptor is not an eventfd; the descriptor then still belongs to the caller
     */
    public static EventFd adopt(int fd) throws IOException {
        Path target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + fd));
        if (!target.toString().equals("anon_inode:[eventfd]")) {
            throw new IOException(
                    "expected an eventfd, found a descriptor of " + target + ": only eventfds never block a worker");
        }
        int flags = Libc.check("fcntl(F_GETFL)", Libc.fcntl(fd, F_GETFL, 0));
        if ((flags & O_NONBLOCK) == 0) {
            Libc.check("fcntl(F_SETFL)", Libc.fcntl(fd, F_SETFL, flags | O_NONBLOCK));
        }
        return new EventFd(fd);
    }

    /** The descriptor's number, for sending it or waiting for it. */
    public int fd() {
        return fd;
    }

    /** Adds one to the counter and wakes those who wait; a saturated counter is left as it is. */
    public void signal() {
        EventCalls.signal(fd);
    }

    /** Takes the counter's value and sets it to zero; 0 if nothing was signalled. For the control path: it allocates. */
    public long drain() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment counter = arena.allocate(ValueLayout.JAVA_LONG);
            return EventCalls.read(fd, counter) == 8 ? counter.get(ValueLayout.JAVA_LONG, 0) : 0;
        }
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            Libc.close(fd);
        }
    }

    @Override
    public String toString() {
        return "eventfd " + fd;
    }
}

package io.ringfence.vhostuser.event;

import io.ringfence.vhostuser.linux.Libc;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A Linux {@code eventfd(2)}: a kick, call or error descriptor of a virtqueue, or a doorbell between threads.
 *
 * <p>{@link #signal} may be called by any thread and does not block, but for a few milliseconds once when a peer sets
 * out to do that to one that was adopted for signalling; {@link #close} once, when no thread uses it.
 */
public final class EventFd implements AutoCloseable {
    private static final int EFD_CLOEXEC = 0x80000;
    private static final int EFD_NONBLOCK = 0x800;
    private static final int F_GETFL = 3;
    private static final int F_SETFL = 4;
    private static final int O_NONBLOCK = 0x800;
    private static final int MUTED = -1;

    private final int fd;
    /** Of one that is watched: what to do when its counter is found full. */
    private final @Nullable Runnable whenFull;

    /** The descriptor, or {@link #MUTED}: no branch, which compiled code would have to be deoptimised for when first taken. */
    private volatile int signalled;

    private boolean closed;

    private EventFd(int fd, @Nullable Runnable whenFull) {
        this.fd = fd;
        signalled = fd;
        this.whenFull = whenFull;
    }

    /** Creates a non-blocking eventfd with counter 0. */
    public static EventFd create() {
        return new EventFd(Libc.check("eventfd", Libc.eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)), null);
    }

    /**
     * Takes ownership of a descriptor that a peer sent and that is only waited for: a peer could make {@link #signal}
     * block.
     *
     * @throws IOException if the descriptor is not an eventfd; the descriptor then still belongs to the caller
     */
    public static EventFd adopt(int fd) throws IOException {
        requireEventFd(fd);
        return new EventFd(fd, null);
    }

    /**
     * Takes ownership of a descriptor that a peer sent and that is to be signalled.
     *
     * <p>Anything but an eventfd is refused: writing to a full pipe, say, would block the worker that signals it.
     *
     * @param whenFull runs once, on a thread of its own that it may not block or end, if the peer is found to have
     *     filled the counter, which blocks who signals; from then on, {@link #signal} does nothing
     * @throws IOException if the descriptor is not an eventfd; the descriptor then still belongs to the caller
     */
    public static EventFd adopt(int fd, Runnable whenFull) throws IOException {
        requireEventFd(fd);
        EventFd adopted = new EventFd(fd, whenFull);
        CounterWatch.add(adopted);
        return adopted;
    }

    private static void requireEventFd(int fd) throws IOException {
        Path target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + fd));
        if (!target.toString().equals("anon_inode:[eventfd]")) {
            throw new IOException(
                    "expected an eventfd, found a descriptor of " + target + ": only eventfds never block a worker");
        }
        int flags = Libc.check("fcntl(F_GETFL)", Libc.fcntl(fd, F_GETFL, 0));
        if ((flags & O_NONBLOCK) == 0) {
            Libc.check("fcntl(F_SETFL)", Libc.fcntl(fd, F_SETFL, flags | O_NONBLOCK));
        }
    }

    /** The descriptor's number, for sending it or waiting for it. */
    public int fd() {
        return fd;
    }

    /** Adds one to the counter and wakes those who wait; a saturated counter is left as it is. */
    public void signal() {
        EventCalls.signal(signalled);
    }

    /** Lets nobody else begin to signal; false if that was so before. */
    boolean mute() {
        boolean first = signalled != MUTED;
        signalled = MUTED;
        return first;
    }

    void tellFull() {
        if (whenFull != null) {
            whenFull.run();
        }
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
            if (whenFull != null) {
                CounterWatch.remove(this);
            }
            Libc.close(fd);
        }
    }

    @Override
    public String toString() {
        return "eventfd " + fd;
    }
}

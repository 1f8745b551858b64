package io.ringfence.bench.bridge;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * What one thread waits for: kicks and a TAP device ({@code epoll(7)}, edge-triggered, so that nothing need be read to be
 * woken again). {@link #add} and {@link #remove} may be called by any thread, {@link #await} by one.
 */
final class Wakeups implements AutoCloseable {
    private static final int EPOLL_CLOEXEC = 0x80000;
    private static final int EPOLL_CTL_ADD = 1;
    private static final int EPOLL_CTL_DEL = 2;
    private static final int EPOLLIN = 1;
    private static final int EPOLLET = 1 << 31;
    private static final int MAX_EVENT_LENGTH_BYTES = 16; // struct epoll_event: 12 bytes on x86-64, 16 elsewhere
    private static final int MAX_EVENTS = 4;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment events = arena.allocate(MAX_EVENTS * MAX_EVENT_LENGTH_BYTES, 8);
    private final int fd = DeviceCalls.epoll_create1(EPOLL_CLOEXEC);

    /** Adds a descriptor; what was there before ends the next wait at once. */
    void add(int descriptor) {
        control(EPOLL_CTL_ADD, descriptor);
    }

    /** Removes a descriptor that is still open. */
    void remove(int descriptor) {
        control(EPOLL_CTL_DEL, descriptor);
    }

    private void control(int operation, int descriptor) {
        byte[] event = new byte[MAX_EVENT_LENGTH_BYTES];
        ByteBuffer.wrap(event).order(ByteOrder.nativeOrder()).putInt(EPOLLIN | EPOLLET);
        DeviceCalls.epoll_ctl(fd, operation, descriptor, event);
    }

    /** Blocks natively until something comes. */
    void await() {
        int ignored = FrameCalls.epollWait(fd, events, MAX_EVENTS);
    }

    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            arena.close(); // first: it throws while somebody waits
            DeviceCalls.close(fd);
        }
    }
}

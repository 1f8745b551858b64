package io.ringfence.vhostuser.frontend;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import io.ringfence.vhostuser.linux.Libc;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.time.Duration;

/** Waiting for one descriptor until a point in time (poll(2)). */
final class Readiness {
    static final short READABLE = 1;
    static final short WRITABLE = 4;

    private final long endNanos;
    private final Duration limit;

    private Readiness(Duration limit) {
        this.limit = limit;
        endNanos = System.nanoTime() + limit.toNanos();
    }

    /** Waits that together take at most this long. */
    static Readiness within(Duration limit) {
        return new Readiness(limit);
    }

    boolean expired() {
        return System.nanoTime() - endNanos >= 0;
    }

    /**
     * Waits until the descriptor is ready or its peer is gone.
     *
     * @throws IOException if that takes too long; says what was waited for
     */
    void await(int fd, short event, String what) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment poll = arena.allocate(8, 4); // struct pollfd: fd (4), events (2), revents (2)
            poll.set(JAVA_INT, 0, fd);
            poll.set(JAVA_SHORT, 4, event);
            int ready;
            do {
                long leftMillis = Math.max(0, (endNanos - System.nanoTime() + 999_999) / 1_000_000);
                ready = Libc.poll(poll.address(), 1, (int) Math.min(leftMillis, Integer.MAX_VALUE));
            } while (ready <= 0 && !expired());
            if (ready <= 0) {
                throw new IOException("no %s within %d ms".formatted(what, limit.toMillis()));
            }
        }
    }
}

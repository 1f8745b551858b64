package io.ringfence.vhostuser.linux;

import java.util.ArrayList;
import java.util.List;

/**
 * File descriptors that came with a message and that nobody has taken over yet.
 *
 * <p>It owns them until they are taken: {@link #close} closes the rest, on every path. One thread.
 */
public final class FileDescriptors implements AutoCloseable {
    private final List<Integer> descriptors = new ArrayList<>();

    /** Number of descriptors left. */
    public int count() {
        return descriptors.size();
    }

    /** Takes ownership of a descriptor. */
    public void add(int fd) {
        descriptors.add(fd);
    }

    /** The oldest descriptor left; it stays owned here. */
    public int first() {
        return descriptors.getFirst();
    }

    /** Hands the oldest descriptor over to the caller. */
    public int takeFirst() {
        return descriptors.removeFirst();
    }

    /** Closes those not taken; may be called again. */
    @Override
    public void close() {
        descriptors.forEach(Libc::close);
        descriptors.clear();
    }
}

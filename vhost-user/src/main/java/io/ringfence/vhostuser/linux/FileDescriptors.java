package io.ringfence.vhostuser.linux;

import java.util.ArrayList;
import java.util.List;

/**
 * File descriptors that came with a message and that nobody has taken over yet.
 *
 * <p>It owns them until they are taken: {@link #close} closes the rest, on every path. One thread.
 */
public final class FileDescriptors implements AutoCloseable {
    private static final int F_GET_SEALS = 1034;

    private final List<Integer> descriptors = new ArrayList<>();
    private final SlowClose closes;

    /** For those of a peer that is trusted. */
    public FileDescriptors() {
        this(SlowClose.SHARED);
    }

    /** @param closes of the peer that sends them */
    public FileDescriptors(SlowClose closes) {
        this.closes = closes;
    }

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

    /** Closes those not taken, those whose close might wait a little later; may be called again. */
    @Override
    public void close() {
        for (int fd : descriptors) {
            if (isMemory(fd)) {
                Libc.close(fd);
            } else {
                closes.begin(fd);
            }
        }
        descriptors.clear();
    }

    /**
     * Whether it is a memfd or a file of tmpfs or hugetlbfs, for only these have seals (fcntl(2), F_GET_SEALS): what nobody else's
     * program stands behind, so that neither an access nor close(2) waits for anybody but the kernel, which is asked. Any thread.
     */
    public static boolean isMemory(int fd) {
        return Libc.fcntl(fd, F_GET_SEALS, 0) >= 0;
    }
}

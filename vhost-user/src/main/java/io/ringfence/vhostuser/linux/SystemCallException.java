package io.ringfence.vhostuser.linux;

import java.io.IOException;

/** A system call failed for a reason outside this process, which may go away. */
public final class SystemCallException extends IOException {
    /** connect(2): the socket's file exists, but nobody listens on it. */
    static final int ECONNREFUSED = 111;

    private final int errno;

    SystemCallException(String what, int errno) {
        super("cannot " + what + ": " + Libc.strerror(errno));
        this.errno = errno;
    }

    /** The reason, see errno(3). */
    public int errno() {
        return errno;
    }
}

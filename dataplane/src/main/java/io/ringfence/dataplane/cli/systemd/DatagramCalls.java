package io.ringfence.dataplane.cli.systemd;

import com.sun.jna.LastErrorException;
import com.sun.jna.Native;
import com.sun.jna.Platform;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** The kernel's side of datagrams to a unix socket (unix(7)), which the JDK does not have. */
final class DatagramCalls {
    static final int AF_UNIX = 1;
    static final int SOCK_DGRAM = 2;
    static final int SOCK_CLOEXEC = 0x80000;
    static final int MSG_DONTWAIT = 0x40;
    static final int MSG_NOSIGNAL = 0x4000;

    /** Of {@code sun_path} in {@code struct sockaddr_un}. */
    private static final int MAX_PATH_LENGTH = 108;

    static {
        Native.register(DatagramCalls.class, Platform.C_LIBRARY_NAME);
    }

    private DatagramCalls() {}

    /**
     * A {@code struct sockaddr_un}, as long as it has to be.
     *
     * @param name a path, or {@code @} and a name in the abstract namespace
     * @throws IllegalArgumentException if it is neither, or too long
     */
    static byte[] address(String name) {
        byte[] path = name.getBytes(StandardCharsets.UTF_8);
        boolean isAbstract = name.startsWith("@");
        if (!isAbstract && !name.startsWith("/")) {
            throw new IllegalArgumentException("expected a path, or @ and a name");
        }
        if (path.length >= MAX_PATH_LENGTH) {
            throw new IllegalArgumentException("expected less than " + MAX_PATH_LENGTH + " bytes");
        }
        if (isAbstract) {
            path[0] = 0;
        }
        // An abstract name ends with the address, a path with a zero.
        ByteBuffer address = ByteBuffer.allocate(Short.BYTES + path.length + (isAbstract ? 0 : 1))
                .order(ByteOrder.nativeOrder())
                .putShort((short) AF_UNIX)
                .put(path);
        return address.array();
    }

    /** See socket(2). */
    static native int socket(int domain, int type, int protocol) throws LastErrorException;

    /** See sendto(2). */
    static native long sendto(int fd, byte[] bytes, long length, int flags, byte[] address, int addressLength)
            throws LastErrorException;

    /** See close(2). */
    static native int close(int fd) throws LastErrorException;
}

package io.ringfence.dataplane.cli.systemd;

import com.sun.jna.LastErrorException;
import com.sun.jna.Native;
import com.sun.jna.Platform;
import io.ringfence.testing.Await;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The service manager's end of the socket. */
public final class NotifySocket implements AutoCloseable {
    private static final int EAGAIN = 11;

    static {
        Native.register(NotifySocket.class, Platform.C_LIBRARY_NAME);
    }

    private final int fd;
    private byte @Nullable [] next;

    /** @param name a path, or {@code @} and a name in the abstract namespace */
    public NotifySocket(String name) {
        byte[] address = DatagramCalls.address(name);
        fd = DatagramCalls.socket(DatagramCalls.AF_UNIX, DatagramCalls.SOCK_DGRAM | DatagramCalls.SOCK_CLOEXEC, 0);
        bind(fd, address, address.length);
    }

    /** Waits for the next datagram. */
    public String nextMessage() {
        Await.until("a message for the service manager", () -> (next = receive()) != null);
        return new String(next, StandardCharsets.UTF_8);
    }

    /** Whether none waits. */
    boolean isEmpty() {
        return receive() == null;
    }

    private byte @Nullable [] receive() {
        byte[] bytes = new byte[4096];
        try {
            long length = recv(fd, bytes, bytes.length, DatagramCalls.MSG_DONTWAIT);
            return Arrays.copyOf(bytes, (int) length);
        } catch (LastErrorException e) {
            if (e.getErrorCode() == EAGAIN) {
                return null;
            }
            throw e;
        }
    }

    @Override
    public void close() {
        DatagramCalls.close(fd);
    }

    private static native int bind(int fd, byte[] address, int addressLength) throws LastErrorException;

    private static native long recv(int fd, byte[] bytes, long length, int flags) throws LastErrorException;
}

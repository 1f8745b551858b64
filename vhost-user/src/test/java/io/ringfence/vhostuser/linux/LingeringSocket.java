package io.ringfence.vhostuser.linux;

import java.io.IOException;
import java.lang.reflect.Field;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;

/** A socket whose peer reads nothing: close(2) of its last descriptor waits for SO_LINGER, or until this is closed. */
public final class LingeringSocket implements AutoCloseable {
    /** What does not wait for it takes less. */
    public static final Duration SOON = Duration.ofSeconds(5);

    private static final int LINGER_SECONDS = 15;
    private static final int F_DUPFD = 0;

    private final ServerSocketChannel listening;
    private final int fd;

    private LingeringSocket(ServerSocketChannel listening, int fd) {
        this.listening = listening;
        this.fd = fd;
    }

    /** Makes one; its only descriptor is the caller's to close, or to have closed. */
    public static LingeringSocket open() throws IOException, ReflectiveOperationException {
        ServerSocketChannel listening =
                ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        try (SocketChannel client = SocketChannel.open(listening.getLocalAddress())) {
            client.setOption(StandardSocketOptions.SO_LINGER, LINGER_SECONDS);
            client.configureBlocking(false);
            ByteBuffer bytes = ByteBuffer.allocateDirect(1 << 20);
            int written;
            do {
                written = client.write(bytes.clear());
            } while (written > 0);
            return new LingeringSocket(listening, Libc.check("fcntl", Libc.fcntl(number(client), F_DUPFD, 0)));
        } // closed at once, since it is not the last descriptor of the socket
    }

    private static int number(SocketChannel channel) throws ReflectiveOperationException {
        Field number = channel.getClass().getDeclaredField("fdVal");
        number.setAccessible(true);
        return number.getInt(channel);
    }

    /** The descriptor's number. */
    public int fd() {
        return fd;
    }

    /** Resets the connection: nothing is left to wait for. */
    public void reset() throws IOException {
        listening.close();
    }

    @Override
    public void close() throws IOException {
        reset();
    }
}

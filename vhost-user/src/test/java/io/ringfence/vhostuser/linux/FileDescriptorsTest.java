package io.ringfence.vhostuser.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Field;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class FileDescriptorsTest {
    private static final int F_DUPFD = 0;
    private static final int LINGER_SECONDS = 5;

    /** A socket whose peer reads nothing: close(2) waits for SO_LINGER. */
    @Test
    void shouldNotWaitWhenADescriptorIsSlowToClose() throws Exception {
        try (ServerSocketChannel listening =
                ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
            FileDescriptors received = new FileDescriptors();
            try (SocketChannel client = SocketChannel.open(listening.getLocalAddress())) {
                client.setOption(StandardSocketOptions.SO_LINGER, LINGER_SECONDS);
                client.configureBlocking(false);
                ByteBuffer bytes = ByteBuffer.allocateDirect(1 << 20);
                int written;
                do {
                    written = client.write(bytes.clear());
                } while (written > 0);
                received.add(Libc.check("fcntl", Libc.fcntl(number(client), F_DUPFD, 0)));
            } // at once, since it is not the last descriptor of the socket
            long start = System.nanoTime();

            received.close();

            assertThat(System.nanoTime() - start).isLessThan(LINGER_SECONDS * 1_000_000_000L / 2);
            assertThat(received.count()).isZero();
        }
    }

    private static int number(SocketChannel channel) throws ReflectiveOperationException {
        Field number = channel.getClass().getDeclaredField("fdVal");
        number.setAccessible(true);
        return number.getInt(channel);
    }
}

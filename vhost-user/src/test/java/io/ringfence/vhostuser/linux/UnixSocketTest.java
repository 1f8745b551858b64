package io.ringfence.vhostuser.linux;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringfence.testing.Await;
import io.ringfence.vhostuser.event.EventFd;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class UnixSocketTest {
    @TempDir
    Path directory;

    @Test
    void shouldCarryBytesAndDescriptors() throws Exception {
        try (SocketFile listening = SocketFile.listen(directory.resolve("s"));
                EventFd event = EventFd.create();
                FileDescriptors received = new FileDescriptors()) {
            UnixSocket client = UnixSocket.connect(directory.resolve("s"));
            UnixSocket server = Objects.requireNonNull(listening.accept());
            assertThat(listening.accept()).isNull();
            assertThat(client.send(bytes("hello"), event.fd(), event.fd())).isEqualTo(5);

            ByteBuffer buffer = ByteBuffer.allocateDirect(16);
            assertThat(server.receive(buffer, received)).isEqualTo(5);
            assertThat(received.count()).isEqualTo(2);
            try (EventFd copy = EventFd.adopt(received.takeFirst())) {
                copy.signal();
            }
            assertThat(event.drain()).isEqualTo(1);
            assertThat(server.receive(buffer, received)).isZero();

            assertThat(server.peerClosed()).isFalse();
            client.close();
            assertThat(server.peerClosed()).isTrue();
            assertThat(server.receive(buffer, received)).isEqualTo(UnixSocket.END_OF_STREAM);
            server.close();
        }
    }

    @Test
    void shouldOwnAllDescriptorsWhenAsManyComeAsAMessageCarries() throws Exception {
        try (SocketFile listening = SocketFile.listen(directory.resolve("s"));
                UnixSocket client = UnixSocket.connect(directory.resolve("s"));
                UnixSocket server = Objects.requireNonNull(listening.accept());
                EventFd event = EventFd.create()) {
            int[] many = new int[UnixSocket.MAX_DESCRIPTORS];
            Arrays.fill(many, event.fd());
            long before = OpenDescriptors.count();
            client.send(bytes("x"), many);

            FileDescriptors received = new FileDescriptors();
            assertThat(server.receive(ByteBuffer.allocateDirect(16), received)).isOne();
            assertThat(received.count()).isEqualTo(UnixSocket.MAX_DESCRIPTORS);
            received.close();
            OpenDescriptors.await(before);
        }
    }

    @Test
    void shouldNotWaitWhenTheNinthDescriptorIsSlowToClose() throws Exception {
        try (SocketFile listening = SocketFile.listen(directory.resolve("s"));
                UnixSocket client = UnixSocket.connect(directory.resolve("s"));
                UnixSocket server = Objects.requireNonNull(listening.accept());
                EventFd event = EventFd.create();
                LingeringSocket slow = LingeringSocket.open();
                FileDescriptors received = new FileDescriptors()) {
            int[] nine = new int[9];
            Arrays.fill(nine, event.fd());
            nine[8] = slow.fd();
            client.send(bytes("x"), nine);
            Libc.close(slow.fd());

            assertSoon(() -> server.receive(ByteBuffer.allocateDirect(16), received));
            assertThat(received.count()).isEqualTo(9);
        }
    }

    @Test
    void shouldNotWaitWhenADescriptorThatIsSlowToCloseWasNeverReceived() throws Exception {
        try (SocketFile listening = SocketFile.listen(directory.resolve("s"));
                UnixSocket client = UnixSocket.connect(directory.resolve("s"));
                LingeringSocket slow = LingeringSocket.open()) {
            UnixSocket server = Objects.requireNonNull(listening.accept());
            client.send(bytes("x"), slow.fd());
            Libc.close(slow.fd());

            assertSoon(server::close);
            assertThat(client.peerClosed()).isTrue();
        }
    }

    @Test
    void shouldNotWaitWhenConnectionsWithSlowDescriptorsWereNeverAccepted() throws Exception {
        try (SocketFile listening = SocketFile.listen(directory.resolve("s"));
                UnixSocket client = UnixSocket.connect(directory.resolve("s"));
                LingeringSocket slow = LingeringSocket.open()) {
            client.send(bytes("x"), slow.fd());
            Libc.close(slow.fd());

            assertSoon(listening::close);
            Await.until("end of the connection", client::peerClosed);
        }
    }

    @Test
    void shouldReplaceSocketFileWhenNobodyListens() throws Exception {
        Path path = directory.resolve("s");
        try (UnixSocket dead = UnixSocket.listen(path)) {
            assertThat(dead.fd()).isPositive();
        }
        assertThat(path).exists();

        try (SocketFile listening = SocketFile.listen(path);
                UnixSocket client = UnixSocket.connect(path)) {
            assertThat(client.peerClosed()).isFalse();
            assertThat(listening.fd()).isPositive();
        }
        assertThat(path).doesNotExist();
    }

    @Test
    void shouldRefuseSocketFileWhenSomebodyListensOrItIsNoSocket() throws Exception {
        Path live = directory.resolve("live");
        Path file = Files.createFile(directory.resolve("file"));
        try (SocketFile listening = SocketFile.listen(live)) {
            assertThatThrownBy(() -> SocketFile.listen(live)).hasMessageContaining("another process listens");
            assertThat(listening.fd()).isPositive();
        }
        assertThatThrownBy(() -> SocketFile.listen(file)).hasMessageContaining("is not a socket");
        assertThat(file).exists();
    }

    @Test
    void shouldSayWhyWhenItCannotConnectOrListen() {
        assertThatThrownBy(() -> UnixSocket.connect(directory.resolve("none")))
                .isInstanceOf(SystemCallException.class)
                .hasMessageContaining("No such file");
        assertThatThrownBy(() -> SocketFile.listen(directory.resolve("n".repeat(120))))
                .hasMessageContaining("expected 1 to 107");
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.allocateDirect(text.length())
                .put(text.getBytes(US_ASCII))
                .flip();
    }

    private interface Step {
        void run() throws IOException;
    }

    private static void assertSoon(Step step) throws IOException {
        long start = System.nanoTime();
        step.run();
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(LingeringSocket.SOON);
    }
}

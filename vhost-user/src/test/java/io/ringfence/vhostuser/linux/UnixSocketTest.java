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
    void shouldReportAndOwnDescriptorsWhenTooManyCome() throws Exception {
        try (SocketFile listening = SocketFile.listen(directory.resolve("s"));
                UnixSocket client = UnixSocket.connect(directory.resolve("s"));
                UnixSocket server = Objects.requireNonNull(listening.accept());
                EventFd event = EventFd.create()) {
            int[] surplus = new int[253];
            Arrays.fill(surplus, event.fd());
            long before = openDescriptors();
            client.send(bytes("x"), surplus);

            FileDescriptors received = new FileDescriptors();
            assertThatThrownBy(() -> server.receive(ByteBuffer.allocateDirect(16), received))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("more than 8 came at once");
            assertThat(received.count()).isEqualTo(UnixSocket.MAX_DESCRIPTORS);
            received.close();
            awaitOpenDescriptors(before);
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

    private static void awaitOpenDescriptors(long expected) {
        Await.until(expected + " descriptors are open", () -> openDescriptors() == expected);
    }

    private static long openDescriptors() throws IOException {
        try (var entries = Files.list(Path.of("/proc/self/fd"))) {
            return entries.count();
        }
    }
}

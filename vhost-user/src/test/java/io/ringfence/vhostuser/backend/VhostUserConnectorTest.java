package io.ringfence.vhostuser.backend;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.testing.Await;
import io.ringfence.vhostuser.linux.DescriptorLimit;
import io.ringfence.vhostuser.linux.SocketFile;
import io.ringfence.vhostuser.linux.UnixSocket;
import io.ringfence.vhostuser.protocol.Request;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class VhostUserConnectorTest {
    @TempDir
    Path directory;

    private final FakeDevice device = new FakeDevice();
    private BackendEventLoop loop;
    private Path path;
    private VhostUserConnector connector;

    @BeforeEach
    void open() {
        loop = BackendEventLoop.start(1);
        path = directory.resolve("qemu.sock");
        connector = VhostUserConnector.open(loop, path, device);
    }

    @AfterEach
    void close() {
        connector.close();
        loop.close();
    }

    private static ScriptedFrontEnd accept(SocketFile listening) throws IOException {
        AtomicReference<@Nullable UnixSocket> accepted = new AtomicReference<>();
        Await.until("connection of the back-end", () -> {
            try {
                accepted.set(listening.accept());
                return accepted.get() != null;
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        return new ScriptedFrontEnd(Objects.requireNonNull(accepted.get()));
    }

    @Test
    void shouldConnectWhenTheFrontEndComesAndAgainWhenItComesBack() throws Exception {
        Await.until("first attempt", () -> !device.refusals.isEmpty());
        assertThat(device.refusals).containsExactly("cannot connect to " + path + ": No such file or directory");

        for (int i = 1; i <= 3; i++) {
            try (SocketFile listening = SocketFile.listen(path);
                    ScriptedFrontEnd frontEnd = accept(listening)) {
                frontEnd.start();
                assertThat(frontEnd.base(0)).isZero();
                assertThat(frontEnd.get(Request.GET_STATUS)).isZero();
                assertThat(device.opened).hasValue(i);
            }
            int ends = i;
            Await.until("end", () -> device.endReasons.size() == ends);
        }
        assertThat(device.endReasons).containsOnly("front-end closed the connection");
        assertThat(device.state()).isEqualTo(DeviceState.empty());
    }

    @Test
    void shouldReconnectWhenASessionEndsForAViolation() throws Exception {
        try (SocketFile listening = SocketFile.listen(path)) {
            try (ScriptedFrontEnd frontEnd = accept(listening)) {
                frontEnd.header(99, 1, 0);
                Await.until("end", () -> device.endReasons.size() == 1);
                assertThat(device.endReasons.getFirst()).startsWith("unknown request 99");
            }
            try (ScriptedFrontEnd frontEnd = accept(listening)) {
                assertThat(frontEnd.get(Request.GET_FEATURES)).isEqualTo(ScriptedFrontEnd.offeredFeatures());
            }
        }
    }

    @Test
    void shouldConnectAgainWhenASessionCannotBegin() throws Exception {
        device.onOffer = () -> {
            device.onOffer = () -> {};
            throw new IllegalStateException("no space left");
        };
        try (SocketFile listening = SocketFile.listen(path)) {
            try (ScriptedFrontEnd refused = accept(listening)) {
                Await.until("refusal", refused.socket::peerClosed);
            }
            try (ScriptedFrontEnd frontEnd = accept(listening)) {
                assertThat(frontEnd.get(Request.GET_FEATURES)).isEqualTo(ScriptedFrontEnd.offeredFeatures());
            }
        }
        assertThat(device.refusals).contains(path + ": java.lang.IllegalStateException: no space left");
    }

    @Test
    void shouldConnectWhenDescriptorsAreFreeAgain() throws Exception {
        Await.until("first attempt", () -> !device.refusals.isEmpty()); // loads classes, which takes descriptors
        DescriptorLimit.during(3, () -> Await.until("attempt without a descriptor", () -> device.refusals.size() == 2));
        assertThat(device.refusals.getLast()).isEqualTo("cannot open a socket: Too many open files");

        try (SocketFile listening = SocketFile.listen(path);
                ScriptedFrontEnd frontEnd = accept(listening)) {
            assertThat(frontEnd.get(Request.GET_FEATURES)).isEqualTo(ScriptedFrontEnd.offeredFeatures());
        }
    }

    @Test
    void shouldEndTheSessionWhenClosed() throws Exception {
        try (SocketFile listening = SocketFile.listen(path);
                ScriptedFrontEnd frontEnd = accept(listening)) {
            frontEnd.start();
            connector.close();
            assertThat(frontEnd.socket.peerClosed()).isTrue();
            assertThat(device.endReasons).containsExactly("the back-end disconnects from " + path);
        }
    }
}

package io.ringfence.vhostuser.backend;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.testing.Await;
import io.ringfence.vhostuser.linux.OpenDescriptors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A listening back-end under test, and a neighbour on the same event loop that must not notice anything. */
final class BackendFixture implements AutoCloseable, AfterEachCallback {
    static final SessionLimits SHORT = withPatience(Duration.ofMillis(300), Duration.ofMillis(300));

    final BackendEventLoop loop = BackendEventLoop.start(1);
    final FakeDevice device = new FakeDevice();
    final FakeDevice neighbour = new FakeDevice();
    private final Path directory;
    final Path path;
    final Path neighbourPath;
    final VhostUserListener listener;
    final VhostUserListener neighbourListener;
    private final long descriptorsBefore;

    BackendFixture(Path directory, SessionLimits limits) throws Exception {
        this.directory = directory;
        path = directory.resolve("vm.sock");
        neighbourPath = directory.resolve("neighbour.sock");
        listener = VhostUserListener.open(loop, path, device, limits);
        neighbourListener = VhostUserListener.open(loop, neighbourPath, neighbour, limits);
        handshake(neighbourPath, neighbour); // loads classes and whatever descriptors those need
        descriptorsBefore = OpenDescriptors.count();
    }

    /** Waits so long for the end of a message, or for a reply to be read, and for a first request; serves as much as is asked for. */
    static SessionLimits withPatience(Duration inTheMiddle, Duration silence) {
        return new SessionLimits(inTheMiddle, inTheMiddle, silence, 1_000_000, 1_000_000);
    }

    /** In a directory of its own, for one test. */
    static BackendFixture withLimits(SessionLimits limits) {
        try {
            return new BackendFixture(Files.createTempDirectory("ringfence"), limits);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    ScriptedFrontEnd connect() throws IOException {
        return ScriptedFrontEnd.connect(path);
    }

    /** A full handshake on the other socket, there and back. */
    void assertNeighbourWorks() throws Exception {
        handshake(neighbourPath, neighbour);
    }

    private static void handshake(Path path, FakeDevice device) throws Exception {
        int ended = device.endReasons.size();
        try (ScriptedFrontEnd frontEnd = ScriptedFrontEnd.connect(path).start()) {
            assertThat(frontEnd.base(0)).isZero();
        }
        Await.until("end of the neighbour's session", () -> device.endReasons.size() > ended);
    }

    /** The one session under test has ended with this reason, nothing is left of it, and the next one is served. */
    void assertEnded(String reason) throws Exception {
        Await.until("end of session: " + reason, () -> !device.endReasons.isEmpty());
        assertThat(device.endReasons).hasSize(1);
        assertThat(device.endReasons.getFirst()).contains(reason);
        assertThat(device.state()).isEqualTo(DeviceState.empty());
        assertNothingLeft();
        handshake(path, device);
        assertNothingLeft();
    }

    void assertNothingLeft() {
        OpenDescriptors.await(descriptorsBefore);
    }

    @Override
    public void close() {
        listener.close();
        neighbourListener.close();
        loop.close();
    }

    @Override
    public void afterEach(ExtensionContext context) throws IOException {
        close();
        Files.deleteIfExists(path);
        Files.deleteIfExists(neighbourPath);
        Files.delete(directory);
    }
}

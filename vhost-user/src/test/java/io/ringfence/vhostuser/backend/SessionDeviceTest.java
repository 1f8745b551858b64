package io.ringfence.vhostuser.backend;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.testing.Await;
import io.ringfence.vhostuser.linux.FileDescriptors;
import io.ringfence.vhostuser.memory.GuestMemory;
import io.ringfence.vhostuser.protocol.Request;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a session makes of a device that fails, takes its time or ends it. */
final class SessionDeviceTest {
    @RegisterExtension
    private final BackendFixture backend = BackendFixture.withLimits(SessionLimits.DEFAULT);

    private final FakeDevice device = backend.device;

    @Test
    void shouldServeTheNextFrontEndWhenTheDeviceFailsToTakeOnAState() throws Exception {
        try (ScriptedFrontEnd frontEnd = backend.connect().start()) {
            device.failOnce("no space left");
            frontEnd.vring(Request.SET_VRING_ENABLE, 0, 0);
            Await.until("end", () -> !device.endReasons.isEmpty());
        }
        backend.assertEnded("the session failed: java.lang.IllegalStateException: no space left");
    }

    @Test
    void shouldServeTheNextFrontEndWhenTheDeviceFailsAtTheBeginning() throws Exception {
        device.onOpened = () -> {
            device.onOpened = () -> {};
            throw new IllegalStateException("no space left");
        };
        try (ScriptedFrontEnd frontEnd = backend.connect()) {
            Await.until("end", frontEnd.socket::peerClosed);
        }
        backend.assertEnded("the session failed: java.lang.IllegalStateException: no space left");
    }

    @Test
    void shouldEndWithTheReasonOfTheDevice() throws Exception {
        try (ScriptedFrontEnd frontEnd = backend.connect().start()) {
            SessionControl session = Objects.requireNonNull(device.session);
            session.end("shared memory was truncated");
            session.end("another reason");
            Await.until("end", () -> !device.endReasons.isEmpty());
            assertThat(frontEnd.socket.peerClosed()).isTrue();
        }
        backend.assertEnded("shared memory was truncated");
    }

    @Test
    void shouldWaitForTheDeviceWithoutHoldingUpTheNeighbour() throws Exception {
        CountDownLatch mayApply = new CountDownLatch(1);
        try (var worker = Executors.newSingleThreadExecutor();
                ScriptedFrontEnd frontEnd = backend.connect().start()) {
            device.applyAfter(mayApply, worker);
            GuestMemory old = device.state().memory();
            frontEnd.shareMemory().vring(Request.GET_VRING_BASE, 0, 0);

            backend.assertNeighbourWorks();
            assertThat(old.regions().getFirst().segment().scope().isAlive()).isTrue();
            assertThat(frontEnd.socket.receive(ByteBuffer.allocateDirect(20), new FileDescriptors()))
                    .isZero();

            mayApply.countDown();
            frontEnd.receive(Request.GET_VRING_BASE);
            assertThat(old.regions().getFirst().segment().scope().isAlive()).isFalse();
            device.appliedBy = Runnable::run;
        }
        backend.assertEnded("front-end closed the connection");
    }

    @Test
    void shouldUnmapOnlyWhenTheDeviceHasLetGoOfAFrontEndThatDied() throws Exception {
        CountDownLatch mayApply = new CountDownLatch(1);
        try (var worker = Executors.newSingleThreadExecutor()) {
            GuestMemory memory;
            try (ScriptedFrontEnd frontEnd = backend.connect().start()) {
                memory = device.state().memory();
                device.applyAfter(mayApply, worker);
                frontEnd.vring(Request.SET_VRING_ENABLE, 0, 0);
            }
            backend.assertNeighbourWorks();
            assertThat(memory.regions().getFirst().segment().scope().isAlive()).isTrue();
            assertThat(device.endReasons).isEmpty();

            mayApply.countDown();
            Await.until("end", () -> !device.endReasons.isEmpty());
            assertThat(memory.regions().getFirst().segment().scope().isAlive()).isFalse();
            device.appliedBy = Runnable::run;
        }
        backend.assertEnded("front-end closed the connection");
    }
}

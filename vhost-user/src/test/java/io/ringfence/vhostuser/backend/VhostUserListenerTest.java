package io.ringfence.vhostuser.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringfence.testing.Await;
import io.ringfence.vhostuser.protocol.Request;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

final class VhostUserListenerTest {
    @RegisterExtension
    private final BackendFixture backend = BackendFixture.withLimits(SessionLimits.DEFAULT);

    @Test
    void shouldRefuseASecondFrontEndWhileTheFirstOneLives() throws Exception {
        try (ScriptedFrontEnd first = backend.connect().start();
                ScriptedFrontEnd second = backend.connect()) {
            Await.until("refusal", () -> second.socket.peerClosed());
            try (ScriptedFrontEnd third = backend.connect()) {
                Await.until("refusal", () -> third.socket.peerClosed());
            }

            assertThat(backend.device.refusals).hasSize(1);
            assertThat(backend.device.refusals.getFirst()).contains("a second front-end connected to");
            assertThat(first.get(Request.GET_STATUS)).isZero();
            assertThat(backend.device.endReasons).isEmpty();
        }
        backend.assertEnded("front-end closed the connection");
    }

    @Test
    void shouldRefuseASecondFrontEndWhenTheFirstOneHasNotSpokenYet() throws Exception {
        try (ScriptedFrontEnd first = backend.connect()) {
            Await.until("it is connected", () -> backend.device.opened.get() == 1);
            try (ScriptedFrontEnd second = backend.connect()) {
                Await.until("refusal", second.socket::peerClosed);
            }
            assertThat(first.get(Request.GET_FEATURES)).isEqualTo(ScriptedFrontEnd.offeredFeatures());
        }
        backend.assertEnded("front-end closed the connection");
    }

    @Test
    void shouldServeTheNextFrontEndThatComesWhileTheDeadOnesSessionIsTornDown() throws Exception {
        CountDownLatch mayApply = new CountDownLatch(1);
        try (var worker = Executors.newSingleThreadExecutor()) {
            try (ScriptedFrontEnd first = backend.connect().start()) {
                assertThat(first.get(Request.GET_STATUS)).isZero();
                backend.device.applyAfter(mayApply, worker);
            }
            try (ScriptedFrontEnd second = backend.connect()) {
                backend.assertNeighbourWorks();
                assertThat(backend.device.opened).hasValue(1);
                mayApply.countDown();
                assertThat(second.get(Request.GET_FEATURES)).isEqualTo(ScriptedFrontEnd.offeredFeatures());
                assertThat(backend.device.refusals).isEmpty();
                assertThat(backend.device.endReasons).hasSize(1);
            }
            Await.until("end", () -> backend.device.endReasons.size() == 2);
        }
    }

    @Test
    void shouldServeTheNextFrontEndWhenASessionCannotBegin() throws Exception {
        backend.device.onOffer = () -> {
            backend.device.onOffer = () -> {};
            throw new IllegalStateException("no space left");
        };
        try (ScriptedFrontEnd refused = backend.connect()) {
            Await.until("refusal", refused.socket::peerClosed);
        }
        try (ScriptedFrontEnd next = backend.connect()) {
            assertThat(next.get(Request.GET_FEATURES)).isEqualTo(ScriptedFrontEnd.offeredFeatures());
        }
        assertThat(backend.device.refusals)
                .containsExactly(backend.path + ": java.lang.IllegalStateException: no space left");
        backend.assertEnded("front-end closed the connection");
    }

    @Test
    void shouldEndTheSessionAndRemoveTheFileWhenClosed() throws Exception {
        try (ScriptedFrontEnd frontEnd = backend.connect().start()) {
            backend.listener.close();

            assertThat(backend.path).doesNotExist();
            assertThat(frontEnd.socket.peerClosed()).isTrue();
            assertThat(backend.device.endReasons).containsExactly("the back-end closes " + backend.path);
            assertThat(backend.device.state()).isEqualTo(DeviceState.empty());
        }
    }

    @Test
    void shouldRefuseASocketOnWhichSomebodyListens() {
        assertThatThrownBy(() -> VhostUserListener.open(backend.loop, backend.neighbourPath, backend.device))
                .hasMessageContaining("another process listens");
    }
}

package io.ringfence.vhostuser.backend;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.testing.Await;
import io.ringfence.vhostuser.protocol.Request;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A front-end that connects and says nothing keeps nobody out for long. */
final class SilentFrontEndTest {
    private static final SessionLimits IMPATIENT =
            BackendFixture.withPatience(Duration.ofSeconds(5), Duration.ofNanos(1));

    @RegisterExtension
    private final BackendFixture backend = BackendFixture.withLimits(IMPATIENT);

    /** Connects, and returns when the time for a request is over: what the same thread does later has been done. */
    private ScriptedFrontEnd silent() throws Exception {
        ScriptedFrontEnd silent = backend.connect();
        Await.until("it is connected", () -> backend.device.opened.get() == 1);
        backend.assertNeighbourWorks();
        return silent;
    }

    @Test
    void shouldServeAnotherFrontEndWhenTheFirstOneHasBeenSilentForTooLong() throws Exception {
        try (ScriptedFrontEnd silent = silent()) {
            try (ScriptedFrontEnd next = backend.connect()) {
                assertThat(next.get(Request.GET_FEATURES)).isEqualTo(ScriptedFrontEnd.offeredFeatures());
            }
            assertThat(silent.socket.peerClosed()).isTrue();
            assertThat(backend.device.endReasons.getFirst())
                    .isEqualTo("no request within PT0.000000001S of the connection, and another front-end connects");
            assertThat(backend.device.refusals).isEmpty();
        }
    }

    @Test
    void shouldServeASilentFrontEndThatNobodyWantsToReplace() throws Exception {
        try (ScriptedFrontEnd silent = silent()) {
            assertThat(silent.get(Request.GET_FEATURES)).isEqualTo(ScriptedFrontEnd.offeredFeatures());
            try (ScriptedFrontEnd second = backend.connect()) {
                Await.until("refusal", second.socket::peerClosed);
            }
            assertThat(silent.get(Request.GET_FEATURES)).isEqualTo(ScriptedFrontEnd.offeredFeatures());
        }
        backend.assertEnded("front-end closed the connection");
    }
}

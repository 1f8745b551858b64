package io.ringfence.vhostuser.backend;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.testing.Await;
import io.ringfence.vhostuser.protocol.Payload.U64;
import io.ringfence.vhostuser.protocol.Payload.VringState;
import io.ringfence.vhostuser.protocol.Request;
import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a broken or hostile front-end gets: one reasoned end, nothing left behind, nobody else disturbed. */
final class MisbehavingFrontEndTest {
    @RegisterExtension
    private final BackendFixture backend = BackendFixture.withLimits(BackendFixture.SHORT);

    static Stream<Misbehaviour> misbehaviours() {
        return Stream.of(BadMessages.all(), BadMemory.all(), BadRings.all()).flatMap(all -> all);
    }

    @ParameterizedTest(name = "a front-end that {0}")
    @MethodSource("misbehaviours")
    void shouldEndTheSessionWithAReason(Misbehaviour misbehaviour) throws Exception {
        try (ScriptedFrontEnd frontEnd = backend.connect()) {
            try {
                misbehaviour.script().play(frontEnd);
            } catch (IOException e) {
                // The back-end may hang up before the script is over.
            }
            backend.assertNeighbourWorks();
            Await.until("end: a front-end that " + misbehaviour, () -> !backend.device.endReasons.isEmpty());
        }
        backend.assertEnded(misbehaviour.reason());
    }

    @Test
    void shouldLeaveNothingBehindAfter200Connections() throws Exception {
        for (int i = 0; i < 200; i++) {
            try (ScriptedFrontEnd frontEnd = backend.connect()) {
                switch (i % 4) {
                    case 0 -> {}
                    case 1 -> frontEnd.raw(BadMessages.kickMessage().limit(13), frontEnd.kick.fd());
                    case 2 -> frontEnd.shareMemory().u64(Request.SET_VRING_CALL, 0, frontEnd.call.fd());
                    default -> frontEnd.start();
                }
            }
        }
        Await.until("200 ends", () -> backend.device.endReasons.size() == 200);
        assertThat(backend.device.opened).hasValue(200);
        backend.assertNothingLeft();
        backend.assertNeighbourWorks();
    }

    /** Often, so that it is compiled: the fault of an access to that memory then strikes later, anywhere in the thread. */
    @Test
    void shouldServeTheNeighbourWhenMemoryIsTruncatedAgainAndAgain() throws Exception {
        for (int i = 0; i < 500; i++) {
            try (ScriptedFrontEnd frontEnd = backend.connect().negotiate().shareMemory()) {
                frontEnd.get(Request.GET_STATUS);
                frontEnd.memory.truncate();
                try {
                    frontEnd.startRing(0);
                } catch (IOException e) {
                    // The back-end may hang up before all is said.
                }
                int ended = i;
                Await.until("end of session " + i, () -> backend.device.endReasons.size() > ended);
            }
        }
        assertThat(backend.device.endReasons).hasSize(500).allMatch(reason -> reason.contains("truncated"));
        backend.assertNothingLeft();
        backend.assertNeighbourWorks();
    }

    @Test
    void shouldKeepServingWhileARingIsToggled() throws Exception {
        try (ScriptedFrontEnd frontEnd = backend.connect().start()) {
            for (int i = 0; i < 2000; i++) {
                frontEnd.vring(Request.SET_VRING_ENABLE, 0, i & 1);
            }
            backend.assertNeighbourWorks();
            assertThat(frontEnd.acknowledged(Request.SET_VRING_ENABLE, new VringState(0, 1)))
                    .isZero();
            assertThat(frontEnd.acknowledged(Request.NET_SET_MTU, new U64(1500)))
                    .isZero();
        }
        backend.assertEnded("front-end closed the connection");
    }
}

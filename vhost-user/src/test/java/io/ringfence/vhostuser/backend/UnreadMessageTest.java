package io.ringfence.vhostuser.backend;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.testing.Await;
import io.ringfence.vhostuser.event.BlockingPeer;
import io.ringfence.vhostuser.protocol.Message;
import io.ringfence.vhostuser.protocol.MessageCodec;
import io.ringfence.vhostuser.protocol.Payload;
import io.ringfence.vhostuser.protocol.Request;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a front-end gets that does not read what it is told. */
final class UnreadMessageTest {
    @RegisterExtension
    private final BackendFixture backend = BackendFixture.withLimits(BackendFixture.SHORT);

    @Test
    void shouldEndTheSessionWhenSignalsOfARunningRingWouldBlock() throws Exception {
        try (ScriptedFrontEnd frontEnd = backend.connect().start()) {
            BlockingPeer.blockSignals(frontEnd.call);
            frontEnd.u64(Request.SET_VRING_KICK, 0, frontEnd.kick.fd());
            Await.until("end", () -> !backend.device.endReasons.isEmpty());
        }
        backend.assertEnded("the front-end filled the eventfd's counter");
    }

    @Test
    void shouldEndTheSessionWhenRepliesAreNeverRead() throws Exception {
        try (ScriptedFrontEnd frontEnd = backend.connect().negotiate()) {
            ByteBuffer requests = ByteBuffer.allocate(12 * 1000);
            for (int i = 0; i < 1000; i++) {
                requests.put(MessageCodec.encode(Message.request(Request.GET_FEATURES, Payload.NONE)));
            }
            for (int i = 0; i < 1000 && backend.device.endReasons.isEmpty(); i++) {
                ByteBuffer direct = ByteBuffer.allocateDirect(requests.capacity())
                        .put(requests.flip())
                        .flip();
                while (direct.hasRemaining() && backend.device.endReasons.isEmpty()) {
                    try {
                        frontEnd.socket.send(direct);
                    } catch (IOException e) {
                        break; // the back-end has hung up
                    }
                }
            }
            Await.until("end", () -> !backend.device.endReasons.isEmpty());
        }
        backend.assertEnded("did not read its replies");
    }

    @Test
    void shouldServeAFrontEndThatReadsItsRepliesLate() throws Exception {
        try (ScriptedFrontEnd frontEnd = backend.connect().negotiate()) {
            int asked = 0;
            ByteBuffer request = MessageCodec.encode(Message.request(Request.GET_FEATURES, Payload.NONE));
            while (frontEnd.socket.send(request.rewind()) > 0) {
                asked++; // until neither side takes any more
            }
            assertThat(asked).isGreaterThan(100);
            for (int i = 0; i < asked; i++) {
                frontEnd.receive(Request.GET_FEATURES);
            }
        }
        backend.assertEnded("front-end closed the connection");
    }
}

package io.ringfence.vhostuser.frontend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.ringfence.vhostuser.linux.SocketFile;
import io.ringfence.vhostuser.linux.UnixSocket;
import io.ringfence.vhostuser.protocol.Features;
import io.ringfence.vhostuser.protocol.Message;
import io.ringfence.vhostuser.protocol.MessageCodec;
import io.ringfence.vhostuser.protocol.Payload.U64;
import io.ringfence.vhostuser.protocol.ProtocolFeatures;
import io.ringfence.vhostuser.protocol.Request;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A front-end before back-ends that say the wrong thing or nothing; their replies lie ready in the socket. */
class FrontEndTest {
    private static final Duration SHORT = Duration.ofMillis(100);
    private static final Duration LONG = Duration.ofSeconds(10);

    /** A connected pair; the back-end side does only what a test says. */
    private record Pair(SocketFile listener, UnixSocket backEnd, FrontEnd frontEnd) implements AutoCloseable {
        static Pair open(Path path, Duration timeLimit) throws IOException {
            SocketFile listener = SocketFile.listen(path);
            FrontEnd frontEnd = FrontEnd.connect(path, timeLimit);
            return new Pair(listener, Objects.requireNonNull(listener.accept()), frontEnd);
        }

        Pair reply(Request request, long value) throws IOException {
            backEnd.send(MessageCodec.encode(Message.reply(request, new U64(value))));
            return this;
        }

        @Override
        public void close() {
            frontEnd.close();
            backEnd.close();
            listener.close();
        }
    }

    @Test
    void shouldGiveUpWhenBackEndNeverReplies(@TempDir Path folder) throws IOException {
        try (Pair pair = Pair.open(folder.resolve("s"), SHORT)) {
            assertThatIOException()
                    .isThrownBy(() -> pair.frontEnd().negotiate(0, 0))
                    .withMessage("no reply to GET_FEATURES (1) within 100 ms");
        }
    }

    @Test
    void shouldFailWhenBackEndClosesInsteadOfReplying(@TempDir Path folder) throws IOException {
        try (Pair pair = Pair.open(folder.resolve("s"), LONG)) {
            assertThat(pair.frontEnd().peerClosed()).isFalse();
            pair.backEnd().close();

            assertThat(pair.frontEnd().peerClosed()).isTrue();
            assertThatIOException().isThrownBy(() -> pair.frontEnd().negotiate(0, 0));
        }
    }

    @Test
    void shouldRefuseBackEndWithoutVersion1(@TempDir Path folder) throws IOException {
        try (Pair pair = Pair.open(folder.resolve("s"), LONG).reply(Request.GET_FEATURES, Features.EVENT_IDX)) {
            assertThatIOException()
                    .isThrownBy(() -> pair.frontEnd().negotiate(0, 0))
                    .withMessage("back-end offers features 0x20000000 without VERSION_1");
        }
    }

    @Test
    void shouldFailWhenReplyIsToAnotherRequest(@TempDir Path folder) throws IOException {
        try (Pair pair = Pair.open(folder.resolve("s"), LONG).reply(Request.GET_QUEUE_NUM, 1)) {
            assertThatIOException()
                    .isThrownBy(() -> pair.frontEnd().negotiate(0, 0))
                    .withMessage(
                            "back-end broke the protocol: reply to GET_QUEUE_NUM (17), expected one to GET_FEATURES (1)");
        }
    }

    @Test
    void shouldFailWhenBackEndRefusesRequest(@TempDir Path folder) throws IOException {
        try (Pair pair = Pair.open(folder.resolve("s"), LONG)
                .reply(Request.GET_FEATURES, Features.VERSION_1 | Features.PROTOCOL_FEATURES)
                .reply(Request.GET_PROTOCOL_FEATURES, ProtocolFeatures.REPLY_ACK)
                .reply(Request.SET_OWNER, 0)
                .reply(Request.SET_FEATURES, 1)) {
            assertThatIOException()
                    .isThrownBy(() -> pair.frontEnd().negotiate(0, ProtocolFeatures.REPLY_ACK))
                    .withMessageContaining("refused SET_FEATURES (2) with 1");
        }
    }

    @Test
    void shouldTakeOnlyWhatBothSidesKnow(@TempDir Path folder) throws IOException {
        try (Pair pair = Pair.open(folder.resolve("s"), LONG)
                .reply(
                        Request.GET_FEATURES,
                        Features.VERSION_1 | Features.PROTOCOL_FEATURES | Features.EVENT_IDX | Features.IN_ORDER)
                .reply(Request.GET_PROTOCOL_FEATURES, ProtocolFeatures.MQ | ProtocolFeatures.RARP)) {
            pair.frontEnd()
                    .negotiate(Features.EVENT_IDX | Features.INDIRECT_DESC, ProtocolFeatures.MQ | ProtocolFeatures.MTU);

            assertThat(pair.frontEnd().features())
                    .isEqualTo(Features.VERSION_1 | Features.PROTOCOL_FEATURES | Features.EVENT_IDX);
            assertThat(pair.frontEnd().protocolFeatures()).isEqualTo(ProtocolFeatures.MQ);
        }
    }

    @Test
    void shouldGiveUpWhenNobodyListensOrConnects(@TempDir Path folder) throws IOException {
        Path path = folder.resolve("s");
        assertThatIOException()
                .isThrownBy(() -> FrontEnd.connect(path, SHORT))
                .withMessageContaining("connect to " + path);
        try (SocketFile listener = SocketFile.listen(path)) {
            assertThatIOException()
                    .isThrownBy(() -> FrontEnd.accept(listener, SHORT))
                    .withMessage("no connection of a back-end within 100 ms");
        }
    }
}

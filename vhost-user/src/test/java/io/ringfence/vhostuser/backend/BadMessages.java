package io.ringfence.vhostuser.backend;

import static io.ringfence.vhostuser.backend.ScriptedFrontEnd.NO_DESCRIPTOR;

import io.ringfence.vhostuser.protocol.Features;
import io.ringfence.vhostuser.protocol.Message;
import io.ringfence.vhostuser.protocol.MessageCodec;
import io.ringfence.vhostuser.protocol.Payload;
import io.ringfence.vhostuser.protocol.Payload.U64;
import io.ringfence.vhostuser.protocol.Request;
import java.nio.ByteBuffer;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Messages that no front-end may send, and what comes with them. */
final class BadMessages {
    private BadMessages() {}

    static Stream<Misbehaviour> all() {
        return Stream.of(
                new Misbehaviour("has an unknown id", f -> f.header(46, 1, 0), "unknown request 46"),
                new Misbehaviour(
                        "has an unknown id with need_reply", f -> f.header(-1, 9, 0), "unknown request 4294967295"),
                new Misbehaviour("has version 2", f -> f.header(1, 2, 0), "GET_FEATURES (1) has flags 0x2"),
                new Misbehaviour("sends a reply", f -> f.header(1, 5, 0), "is a reply, expected a request"),
                new Misbehaviour("announces 4 GiB", f -> f.header(5, 1, -1), "payload of 4294967295 bytes"),
                new Misbehaviour(
                        "announces 64 KiB", f -> f.header(2, 1, 0x10000), "payload of 65536 bytes, expected 8"),
                new Misbehaviour("sends half a header", f -> f.raw(ByteBuffer.allocate(7)), "only a part of a message"),
                new Misbehaviour(
                        "sends half a payload", f -> f.header(2, 1, 8).raw(ByteBuffer.allocate(3)), "only a part"),
                new Misbehaviour(
                        "hangs up in a message",
                        f -> f.header(2, 1, 8).socket.close(),
                        "after 12 of 20 bytes of a message"),
                new Misbehaviour(
                        "hangs up in a message with a descriptor",
                        f -> f.raw(kickMessage().limit(15), f.kick.fd()).socket.close(),
                        "after 15 of 20 bytes of a message"),
                new Misbehaviour(
                        "asks for an acknowledgement that was not negotiated",
                        f -> f.send(
                                Message.request(Request.SET_OWNER, Payload.NONE).withNeedReply()),
                        "REPLY_ACK was not negotiated"),
                new Misbehaviour(
                        "uses what was not negotiated",
                        f -> f.send(Request.GET_QUEUE_NUM),
                        "GET_QUEUE_NUM (17) needs protocol feature bit 0"),
                new Misbehaviour("asks for the configuration", f -> f.header(24, 1, 12), "GET_CONFIG (24) belongs to"),
                new Misbehaviour("sets a log", f -> f.header(6, 1, 16), "SET_LOG_BASE (6) belongs to"),
                new Misbehaviour("sets an inflight area", f -> f.header(32, 1, 20), "SET_INFLIGHT_FD (32) belongs to"),
                new Misbehaviour("sends IOTLB entries", f -> f.header(22, 1, 32), "IOTLB_MSG (22) belongs to"),
                new Misbehaviour(
                        "sets features that were not offered",
                        f -> f.u64(Request.SET_FEATURES, Features.LOG_ALL | Features.RING_PACKED),
                        "SET_FEATURES (2) sets feature bits 26, 34, which was not offered"),
                new Misbehaviour(
                        "sets protocol features that were not offered",
                        f -> f.u64(Request.SET_PROTOCOL_FEATURES, 1L << 14),
                        "SET_PROTOCOL_FEATURES (16) sets feature bit 14"),
                new Misbehaviour(
                        "changes features under running rings",
                        f -> f.start().u64(Request.SET_FEATURES, Features.PROTOCOL_FEATURES),
                        "while rings run"),
                new Misbehaviour(
                        "sends a descriptor with a message that has none",
                        f -> f.send(Request.GET_FEATURES, Payload.NONE, f.kick.fd()),
                        "GET_FEATURES (1) came with 1 file descriptors, expected 0"),
                new Misbehaviour(
                        "sends no descriptor with a kick",
                        f -> f.u64(Request.SET_VRING_KICK, 0),
                        "SET_VRING_KICK (12) came with 0 file descriptors, expected 1"),
                new Misbehaviour(
                        "sends a descriptor although it says there is none",
                        f -> f.u64(Request.SET_VRING_CALL, NO_DESCRIPTOR, f.call.fd()),
                        "SET_VRING_CALL (13) came with 1 file descriptors, expected 0"),
                new Misbehaviour(
                        "sends nine descriptors",
                        f -> f.u64(Request.SET_VRING_KICK, 0, repeated(f.kick.fd(), 9)),
                        "more than 8 file descriptors came with one message"),
                new Misbehaviour(
                        "sends 253 descriptors",
                        f -> f.u64(Request.SET_VRING_KICK, 0, repeated(f.kick.fd(), 253)),
                        "more than 8 file descriptors came with one message"),
                new Misbehaviour(
                        "sends descriptors with every byte",
                        f -> {
                            ByteBuffer message = kickMessage();
                            for (int i = 0; i < 2; i++) {
                                f.raw(message.slice(i, 1), repeated(f.kick.fd(), 8));
                            }
                        },
                        "more than 8 file descriptors came with one message"),
                new Misbehaviour(
                        "sends a kick that could block",
                        f -> f.u64(Request.SET_VRING_KICK, 0, f.socket.fd()),
                        "SET_VRING_KICK (12): expected an eventfd, found a descriptor of socket:"),
                new Misbehaviour(
                        "sets an MTU that is too small without asking for an acknowledgement",
                        f -> f.negotiate().u64(Request.NET_SET_MTU, 67),
                        "NET_SET_MTU (20) sets 67, expected 68 to 9000"),
                new Misbehaviour(
                        "sets a status of nine bits",
                        f -> f.negotiate().u64(Request.SET_STATUS, 256),
                        "SET_STATUS (39) sets 0x100, expected 8 bits"));
    }

    private static int[] repeated(int fd, int times) {
        return IntStream.generate(() -> fd).limit(times).toArray();
    }

    static ByteBuffer kickMessage() {
        return MessageCodec.encode(Message.request(Request.SET_VRING_KICK, new U64(0)));
    }
}

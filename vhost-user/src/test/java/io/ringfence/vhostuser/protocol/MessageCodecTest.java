package io.ringfence.vhostuser.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringfence.vhostuser.protocol.Payload.MemoryTable;
import io.ringfence.vhostuser.protocol.Payload.Region;
import io.ringfence.vhostuser.protocol.Payload.SingleRegion;
import io.ringfence.vhostuser.protocol.Payload.U64;
import io.ringfence.vhostuser.protocol.Payload.VringAddress;
import io.ringfence.vhostuser.protocol.Payload.VringState;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

final class MessageCodecTest {
    private static final Region REGION = new Region(1, 2, 3, 4);

    static Stream<Message> messages() {
        return Stream.of(
                Message.request(Request.GET_FEATURES, Payload.NONE),
                Message.reply(Request.GET_FEATURES, new U64(-1)),
                Message.request(Request.SET_FEATURES, new U64(1L << 32)).withNeedReply(),
                Message.reply(Request.SET_FEATURES, new U64(0)),
                Message.request(Request.SET_VRING_NUM, new VringState(1, 256)),
                Message.reply(Request.GET_VRING_BASE, new VringState(3, 65535)),
                Message.request(Request.SET_VRING_ADDR, new VringAddress(1, 2, 3, 4, 5, 6)),
                Message.request(Request.SET_MEM_TABLE, new MemoryTable(List.of(REGION, new Region(5, 6, 7, 8)))),
                Message.request(Request.ADD_MEM_REG, new SingleRegion(REGION)));
    }

    @ParameterizedTest
    @MethodSource("messages")
    void shouldDecodeWhatItEncoded(Message message) throws Exception {
        ByteBuffer bytes = MessageCodec.encode(message);

        Header header = MessageCodec.decodeHeader(bytes, message.reply());

        assertThat(header.payloadLength()).isEqualTo(bytes.remaining());
        assertThat(MessageCodec.decodePayload(header, bytes)).isEqualTo(message);
        assertThat(bytes.hasRemaining()).isFalse();
    }

    @Test
    void shouldHaveTheLayoutOfTheSpecification() {
        ByteBuffer bytes = MessageCodec.encode(
                Message.request(Request.SET_VRING_ADDR, new VringAddress(0x11, 0x22, 0x33, 0x44, 0x55, 0x66))
                        .withNeedReply());

        byte[] actual = new byte[bytes.remaining()];
        bytes.get(actual);
        // Header, index, flags, then descriptor, used and available in this order, log.
        assertThat(HexFormat.of().formatHex(actual))
                .isEqualTo("09000000" + "09000000" + "28000000" + "11000000" + "22000000" + "3300000000000000"
                        + "4400000000000000" + "5500000000000000" + "6600000000000000");
    }

    @ParameterizedTest
    @CsvSource({
        "0, 1, 0, unknown request 0",
        "46, 1, 0, unknown request 46",
        "-1, 1, 0, unknown request 4294967295",
        "1, 0, 0, GET_FEATURES (1) has flags 0x0",
        "1, 2, 0, GET_FEATURES (1) has flags 0x2",
        "1, 17, 0, GET_FEATURES (1) has flags 0x11",
        "1, 5, 0, GET_FEATURES (1) is a reply",
        "1, 1, 8, GET_FEATURES (1) has a payload of 8 bytes",
        "2, 1, 4, SET_FEATURES (2) has a payload of 4 bytes",
        "2, 1, -1, SET_FEATURES (2) has a payload of 4294967295 bytes",
        "5, 1, 296, SET_MEM_TABLE (5) has a payload of 296 bytes",
        "24, 1, 12, GET_CONFIG (24) belongs to a protocol feature that was not offered",
    })
    void shouldRefuseHeaderWhenNoSuchMessageExists(int id, int flags, int length, String reason) {
        ByteBuffer header = ByteBuffer.allocate(Header.LENGTH).order(ByteOrder.nativeOrder());
        header.putInt(id).putInt(flags).putInt(length).flip();

        assertThatThrownBy(() -> MessageCodec.decodeHeader(header, false))
                .isInstanceOf(ProtocolViolation.class)
                .hasMessageStartingWith(reason);
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "9, 8", "-1, 1", "2, 1", "1, 2"})
    void shouldRefuseMemoryTableWhenItsCountDoesNotFit(int count, int regions) {
        int length = 8 + 32 * regions;
        ByteBuffer payload = ByteBuffer.allocate(length).order(ByteOrder.nativeOrder());
        payload.putInt(0, count);

        assertThatThrownBy(() ->
                        MessageCodec.decodePayload(new Header(Request.SET_MEM_TABLE, false, false, length), payload))
                .isInstanceOf(ProtocolViolation.class)
                .hasMessageContaining("SET_MEM_TABLE (5) names " + Integer.toUnsignedString(count) + " regions");
    }

    /** Valid messages with a few bytes changed: a message that encodes to what decodes to it again, or a violation. */
    @Test
    void shouldDecodeOrRefuseAnyBytes() throws Exception {
        SplittableRandom random = new SplittableRandom(1);
        List<Message> originals = messages().toList();
        int decoded = 0;
        for (int i = 0; i < 100_000; i++) {
            Message original = originals.get(random.nextInt(originals.size()));
            ByteBuffer bytes = MessageCodec.encode(original);
            for (int changes = random.nextInt(4); changes > 0; changes--) {
                bytes.put(random.nextInt(bytes.limit()), (byte) (random.nextBoolean() ? random.nextInt(8) : -1));
            }
            try {
                Header header = MessageCodec.decodeHeader(bytes, original.reply());
                assertThat(header.payloadLength()).isLessThanOrEqualTo(PayloadForm.MAX_LENGTH);
                bytes.limit(bytes.capacity()); // the reader waits until there are as many bytes
                Message message = MessageCodec.decodePayload(header, bytes);
                ByteBuffer again = MessageCodec.encode(message);
                assertThat(MessageCodec.decodePayload(MessageCodec.decodeHeader(again, message.reply()), again))
                        .isEqualTo(message);
                decoded++;
            } catch (ProtocolViolation e) {
                assertThat(e).hasMessageContaining("expected");
            }
        }
        assertThat(decoded).isBetween(30_000, 90_000);
    }
}

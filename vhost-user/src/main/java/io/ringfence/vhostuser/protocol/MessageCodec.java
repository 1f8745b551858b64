package io.ringfence.vhostuser.protocol;

import io.ringfence.vhostuser.protocol.Payload.MemoryTable;
import io.ringfence.vhostuser.protocol.Payload.Region;
import io.ringfence.vhostuser.protocol.Payload.SingleRegion;
import io.ringfence.vhostuser.protocol.Payload.U64;
import io.ringfence.vhostuser.protocol.Payload.VringAddress;
import io.ringfence.vhostuser.protocol.Payload.VringState;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * Messages to bytes and back (vhost-user.rst, "Message Specification"); all numbers in native byte order.
 *
 * <p>Stateless; any thread may use it. A header is checked before a single byte of its payload is read.
 */
public final class MessageCodec {
    /** The longest message. */
    public static final int MAX_LENGTH = Header.LENGTH + PayloadForm.MAX_LENGTH;

    /** The most regions of one SET_MEM_TABLE, and so the most file descriptors of any message. */
    public static final int MAX_TABLE_REGIONS = 8;

    private static final int REGION_LENGTH = 32;
    private static final int VERSION = 1;
    private static final int VERSION_MASK = 3;
    private static final int FLAG_REPLY = 1 << 2;
    private static final int FLAG_NEED_REPLY = 1 << 3;
    private static final int KNOWN_FLAGS = VERSION_MASK | FLAG_REPLY | FLAG_NEED_REPLY;

    private MessageCodec() {}

    /**
     * Reads and checks the 12 bytes of a header.
     *
     * @param bytes at least {@link Header#LENGTH} remaining; its position moves behind them
     * @param expectReply true in a front-end, which gets replies; false in a back-end, which gets requests
     * @throws ProtocolViolation if no such message exists
     */
    public static Header decodeHeader(ByteBuffer bytes, boolean expectReply) throws ProtocolViolation {
        ByteBuffer in = bytes.order(ByteOrder.nativeOrder());
        int id = in.getInt();
        int flags = in.getInt();
        int length = in.getInt();
        Request request = Request.of(id);
        if (request == null) {
            throw new ProtocolViolation("unknown request %s, expected 1 to %d"
                    .formatted(Integer.toUnsignedString(id), Request.GET_STATUS.id()));
        }
        if ((flags & VERSION_MASK) != VERSION || (flags & ~KNOWN_FLAGS) != 0) {
            throw new ProtocolViolation(
                    "%s has flags 0x%x, expected version 1 and no unknown flag".formatted(request.describe(), flags));
        }
        boolean reply = (flags & FLAG_REPLY) != 0;
        if (reply != expectReply) {
            throw new ProtocolViolation("%s is a %s, expected a %s"
                    .formatted(request.describe(), reply ? "reply" : "request", reply ? "request" : "reply"));
        }
        PayloadForm form = form(request, reply);
        if (form == PayloadForm.UNSUPPORTED) {
            throw new ProtocolViolation(
                    request.describe() + " belongs to a protocol feature that was not offered, expected it never");
        }
        if (length < form.minLength() || length > form.maxLength()) {
            throw new ProtocolViolation("%s has a payload of %s bytes, expected %s"
                    .formatted(request.describe(), Integer.toUnsignedString(length), expectedLength(form)));
        }
        return new Header(request, reply, (flags & FLAG_NEED_REPLY) != 0, length);
    }

    /**
     * Reads the payload that a header announced.
     *
     * @param bytes {@link Header#payloadLength} remaining
     * @throws ProtocolViolation if the payload contradicts itself
     */
    public static Message decodePayload(Header header, ByteBuffer bytes) throws ProtocolViolation {
        ByteBuffer in = bytes.order(ByteOrder.nativeOrder());
        Payload payload = switch (form(header.request(), header.reply())) {
            case NONE, UNSUPPORTED -> Payload.NONE;
            case U64 -> new U64(in.getLong());
            case VRING_STATE -> new VringState(in.getInt(), in.getInt());
            case VRING_ADDRESS ->
                new VringAddress(in.getInt(), in.getInt(), in.getLong(), in.getLong(), in.getLong(), in.getLong());
            case MEMORY_TABLE -> decodeTable(header, in);
            case SINGLE_REGION -> {
                in.getLong(); // padding
                yield new SingleRegion(decodeRegion(in));
            }
        };
        return new Message(header.request(), header.reply(), header.needReply(), payload);
    }

    private static MemoryTable decodeTable(Header header, ByteBuffer in) throws ProtocolViolation {
        int count = in.getInt();
        in.getInt(); // padding
        if (count <= 0 || count > MAX_TABLE_REGIONS || header.payloadLength() != tableLength(count)) {
            throw new ProtocolViolation("%s names %s regions in %d bytes, expected 1 to %d regions of %d bytes after 8"
                    .formatted(
                            header.request().describe(),
                            Integer.toUnsignedString(count),
                            header.payloadLength(),
                            MAX_TABLE_REGIONS,
                            REGION_LENGTH));
        }
        List<Region> regions = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            regions.add(decodeRegion(in));
        }
        return new MemoryTable(regions);
    }

    private static Region decodeRegion(ByteBuffer in) {
        return new Region(in.getLong(), in.getLong(), in.getLong(), in.getLong());
    }

    /** Writes a message; the result is ready to be read, and at most {@link #MAX_LENGTH} bytes long. */
    public static ByteBuffer encode(Message message) {
        ByteBuffer out = ByteBuffer.allocateDirect(MAX_LENGTH).order(ByteOrder.nativeOrder());
        out.position(Header.LENGTH);
        switch (message.payload()) {
            case Payload.None ignored -> {}
            case U64 u64 -> out.putLong(u64.value());
            case VringState state -> out.putInt(state.index()).putInt(state.number());
            case VringAddress address ->
                out.putInt(address.index())
                        .putInt(address.flags())
                        .putLong(address.descriptors())
                        .putLong(address.used())
                        .putLong(address.available())
                        .putLong(address.log());
            case MemoryTable table -> {
                out.putInt(table.regions().size()).putInt(0);
                table.regions().forEach(region -> encodeRegion(region, out));
            }
            case SingleRegion single -> {
                out.putLong(0);
                encodeRegion(single.region(), out);
            }
        }
        int flags = VERSION | (message.reply() ? FLAG_REPLY : 0) | (message.needReply() ? FLAG_NEED_REPLY : 0);
        out.putInt(0, message.request().id()).putInt(4, flags).putInt(8, out.position() - Header.LENGTH);
        return out.flip();
    }

    private static void encodeRegion(Region region, ByteBuffer out) {
        out.putLong(region.guestAddress())
                .putLong(region.lengthBytes())
                .putLong(region.userAddress())
                .putLong(region.fileOffset());
    }

    /** The form of a request's payload, or of its reply's; a request without a reply of its own gets a number. */
    private static PayloadForm form(Request request, boolean reply) {
        if (!reply) {
            return request.payload();
        }
        return request.reply() == PayloadForm.NONE ? PayloadForm.U64 : request.reply();
    }

    private static int tableLength(int regions) {
        return 8 + REGION_LENGTH * regions;
    }

    private static String expectedLength(PayloadForm form) {
        return form.minLength() == form.maxLength()
                ? Integer.toString(form.minLength())
                : form.minLength() + " to " + form.maxLength();
    }
}

package io.ringfence.bench.traffic;

import io.ringfence.vhostuser.frontend.QueueOptions;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Frames that hardly any guest sends: some that many send, with up to three bytes of their headers, or of the request in the virtio-net
 * header, changed at random, and cut off or continued anywhere.
 *
 * <p>Nothing is known of what a switch makes of them; the destination alone is never changed. Always the same frames in the same
 * order. One thread; allocates nothing once it exists.
 */
final class OddFrame {
    /** The longest that it makes. */
    static final int MAX_LENGTH_BYTES = TestFrame.MAX_LENGTH_BYTES;

    private static final ValueLayout.OfShort NETWORK_SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    /** Frames shorter than this have hardly more than their headers. */
    private static final int SHORT_LENGTH_BYTES = 100;

    private static final int MOST_CHANGES = 3;
    private static final int DESTINATION_LENGTH = 6;

    private static final String IPV4 = "4500 0000 0000 4000 40%s 0000 0a000001 0a000002";
    private static final String IPV6 = "60000000 0000 %s40 " + "20010db8000000000000000000000001".repeat(2);
    private static final String TCP = "3039 1451 00000000 00000000 5010 ffff 0000 0000";
    private static final String UDP = "3039 1451 0000 0000";

    /** Flags, gso_type, hdr_len, gso_size, csum_start, csum_offset, num_buffers; then the frame from its type on. */
    private static final List<Sound> SOUND = List.of(
            Sound.of("01 01 3600 a805 2200 1000 0000", "0800" + IPV4.formatted("06") + TCP, new LengthField(16, 14)),
            Sound.of(
                    "01 01 3a00 a805 2600 1000 0000",
                    "8100 0007 0800" + IPV4.formatted("06") + TCP,
                    new LengthField(20, 18)),
            Sound.of("01 04 4a00 9405 3600 1000 0000", "86dd" + IPV6.formatted("06") + TCP, new LengthField(18, 54)),
            Sound.of(
                    "01 05 2a00 a805 2200 0600 0000",
                    "0800" + IPV4.formatted("11") + UDP,
                    new LengthField(16, 14),
                    new LengthField(38, 34)),
            Sound.of(
                    "01 00 0000 0000 3600 0600 0000",
                    "86dd" + IPV6.formatted("11") + UDP,
                    new LengthField(18, 54),
                    new LengthField(58, 54)),
            Sound.of("00 00 0000 0000 0000 0000 0000", "0806 0001 0800 06 04 0001" + "00".repeat(20)));

    /** Where a header has the length of what begins at some other place, both from the beginning of the frame. */
    private record LengthField(int at, int countedFrom) {}

    /** The beginning of a frame that a switch forwards. */
    private record Sound(MemorySegment beginning, List<LengthField> lengths) {
        static Sound of(String request, String afterAddresses, LengthField... lengths) {
            String octets = request + "00".repeat(2 * DESTINATION_LENGTH) + afterAddresses;
            byte[] bytes = HexFormat.of().parseHex(octets.replace(" ", ""));
            return new Sound(MemorySegment.ofArray(bytes), List.of(lengths));
        }

        int headersLength() {
            return (int) beginning.byteSize() - QueueOptions.HEADER_LENGTH;
        }
    }

    private final SplittableRandom random = new SplittableRandom(1);

    /** The length of the next frame. */
    int lengthBytes() {
        return random.nextInt(random.nextInt(4) == 0 ? SHORT_LENGTH_BYTES : MAX_LENGTH_BYTES + 1);
    }

    /**
     * Writes the next frame, and the virtio-net header before it.
     *
     * @param destination bits as in {@link TestFrame#wireOrder}
     * @param source likewise
     */
    void write(MemorySegment memory, long offset, int lengthBytes, long destination, long source) {
        Sound sound = SOUND.get(random.nextInt(SOUND.size()));
        long request = offset - QueueOptions.HEADER_LENGTH;
        int headersLength = Math.min(sound.headersLength(), lengthBytes);
        MemorySegment.copy(sound.beginning(), 0, memory, request, QueueOptions.HEADER_LENGTH + headersLength);
        for (int i = 0; i < sound.lengths().size(); i++) {
            LengthField field = sound.lengths().get(i);
            if (field.at() + Short.BYTES <= lengthBytes) {
                memory.set(NETWORK_SHORT, offset + field.at(), (short) (lengthBytes - field.countedFrom()));
            }
        }
        TestFrame.address(memory, offset, destination, source);
        for (int changes = random.nextInt(MOST_CHANGES + 1); changes > 0; changes--) {
            int at = random.nextInt(QueueOptions.HEADER_LENGTH + Math.max(0, headersLength - DESTINATION_LENGTH));
            long from = at < QueueOptions.HEADER_LENGTH ? request : request + DESTINATION_LENGTH;
            memory.set(ValueLayout.JAVA_BYTE, from + at, (byte) random.nextInt(256));
        }
    }
}

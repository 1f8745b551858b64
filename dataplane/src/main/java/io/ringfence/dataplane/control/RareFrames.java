package io.ringfence.dataplane.control;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.SplittableRandom;

/**
 * Frames of every kind that a guest may send, sound or not, one after the other in an order that is always the same.
 *
 * <p>C2 leaves out branches that were never taken when it compiled, and the first frame that takes one has the code that all workers
 * share thrown away (HotSpot: {@code unstable_if}): every VM then pays for one VM's oddity. So all of them are taken in the warm-up.
 */
final class RareFrames {
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfShort NETWORK_SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final int HEADER_LENGTH = 12;
    private static final int ADDRESSES_LENGTH = 12;
    /** All headers that are written, and some payload. */
    private static final int HEADERS_LENGTH = 256;

    private static final int[] TAGS = {0, 0, 0, 1, 2};
    private static final int[] TAG_TYPES = {0x8100, 0x88a8};
    private static final int[] ETHER_TYPES = {0x0800, 0x0800, 0x86dd, 0x86dd, 0x0806};
    /** TCP, UDP, and one whose header the switch does not know. */
    private static final int[] PROTOCOLS = {6, 6, 17, 17, 1};

    private static final int TCP = 6;
    private static final int[] CHECKSUM_OFFSETS = {16, 6, 0, 60_000};
    /** None, TCPV4, TCPV6, UDP_L4, and the old UDP, which nobody negotiates (VIRTIO 1.3, 5.1.6). */
    private static final int[] SEGMENTATIONS = {0, 1, 4, 5, 3};

    private static final int ECN = 0x80;
    private static final int[] SEGMENT_LENGTHS = {1_448, 1_448, 536, 101, 1, 0};
    private static final int[] LENGTHS = {0, 13, 14, 33, 60, 61, 66, 300, 1_513, 1_514, 1_600, 4_345, 9_001, 16_000};

    private final SplittableRandom random = new SplittableRandom(1);
    private final MemorySegment headers = Arena.ofAuto().allocate(HEADERS_LENGTH);

    /** Length in bytes of the next frame. */
    int lengthBytes() {
        return oneOf(LENGTHS);
    }

    /**
     * Writes the next frame.
     *
     * @param at where, behind the virtio-net header, which is written too
     * @param source address, its first byte on the wire lowest
     * @param destination likewise
     */
    void write(MemorySegment to, long at, int lengthBytes, long source, long destination) {
        headers.fill((byte) 0);
        headers.set(LONG, 0, destination | source << 48);
        headers.set(INT, 8, (int) (source >>> 16));
        int type = ADDRESSES_LENGTH;
        for (int tags = oneOf(TAGS); tags > 0; tags--) {
            headers.set(NETWORK_SHORT, type, (short) oneOf(TAG_TYPES));
            type += 4;
        }
        int etherType = oneOf(ETHER_TYPES);
        headers.set(NETWORK_SHORT, type, (short) etherType);
        int protocol = oneOf(PROTOCOLS);
        int transport = etherType == 0x86dd ? writeIpv6(type + 2, protocol) : writeIpv4(type + 2, protocol);
        headers.set(ValueLayout.JAVA_BYTE, transport + 12, (byte) (seldom() ? 0x30 : seldom() ? 0x80 : 0x50));
        MemorySegment.copy(headers, 0, to, at, Math.min(HEADERS_LENGTH, lengthBytes));
        writeRequest(to, at - HEADER_LENGTH, transport, protocol, etherType);
    }

    private int writeIpv4(int at, int protocol) {
        int words = seldom() ? 4 : seldom() ? 7 : 5;
        headers.set(ValueLayout.JAVA_BYTE, at, (byte) ((seldom() ? 0x50 : 0x40) | words));
        headers.set(NETWORK_SHORT, at + 6, (short) (seldom() ? 0x2000 : 0x4000));
        headers.set(ValueLayout.JAVA_BYTE, at + 9, (byte) protocol);
        return at + 4 * words;
    }

    private int writeIpv6(int at, int protocol) {
        headers.set(ValueLayout.JAVA_BYTE, at, (byte) (seldom() ? 0x50 : 0x60));
        if (random.nextInt(3) > 0) {
            headers.set(ValueLayout.JAVA_BYTE, at + 6, (byte) protocol);
            return at + 40;
        }
        // Eight bytes of destination options; now and then, more than the frame has.
        headers.set(ValueLayout.JAVA_BYTE, at + 6, (byte) 60);
        headers.set(ValueLayout.JAVA_BYTE, at + 40, (byte) protocol);
        headers.set(ValueLayout.JAVA_BYTE, at + 41, (byte) (seldom() ? 200 : 0));
        return at + 48;
    }

    /** Flags, gso_type, hdr_len, gso_size, csum_start and csum_offset: mostly what fits the frame. */
    private void writeRequest(MemorySegment to, long at, int transport, int protocol, int etherType) {
        if (random.nextInt(3) == 0) {
            to.set(LONG, at, seldom() ? 1L << 8 : 0);
            to.set(INT, at + 8, 0);
            return;
        }
        int fitting = protocol == TCP ? etherType == 0x86dd ? 4 : 1 : 5;
        long type = seldom() ? oneOf(SEGMENTATIONS) : random.nextBoolean() ? fitting : 0;
        long start = seldom() ? transport + random.nextInt(-40, 400) : transport;
        to.set(LONG, at, 1 | (type | (seldom() ? ECN : 0)) << 8 | (long) oneOf(SEGMENT_LENGTHS) << 32 | start << 48);
        to.set(INT, at + 8, seldom() ? oneOf(CHECKSUM_OFFSETS) : protocol == TCP ? 16 : 6);
    }

    private boolean seldom() {
        return random.nextInt(8) == 0;
    }

    private int oneOf(int[] values) {
        return values[random.nextInt(values.length)];
    }
}

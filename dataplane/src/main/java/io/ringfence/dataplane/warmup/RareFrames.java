package io.ringfence.dataplane.warmup;

import io.ringfence.vhostuser.frontend.QueueOptions;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.SplittableRandom;

/**
 * Frames of many kinds that a guest may send, sound or not, one after the other in an order that is always the same.
 *
 * <p>C2 leaves out branches that were never taken when it compiled, and the first frame that takes one has the code that all workers
 * share thrown away (HotSpot: {@code unstable_if}): every VM then pays for one VM's oddity. So the warm-up takes as many as we know of.
 */
final class RareFrames {
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfShort NETWORK_SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final int ADDRESSES_LENGTH = 12;
    /** What makes an address that of nobody: a bit of its last byte on the wire. */
    private static final long OTHER_ADDRESS = 0x80L << 40;

    private static final int ETHERNET_LENGTH = 14;
    /** All headers that are written, and some payload. */
    private static final int HEADERS_LENGTH = 256;

    private static final int[] TAGS = {0, 0, 0, 1, 2};
    private static final int[] TAG_TYPES = {0x8100, 0x88a8};
    private static final int[] ETHER_TYPES = {0x0800, 0x0800, 0x86dd, 0x86dd, 0x0806};
    /** TCP, UDP, and one whose header the switch does not know. */
    private static final int[] PROTOCOLS = {6, 6, 17, 17, 1};

    private static final int TCP = 6;
    /** Hop-by-hop and destination options. */
    private static final int[] IPV6_OPTIONS = {0, 60};

    private static final int[] CHECKSUM_OFFSETS = {16, 6, 0, 60_000};
    /** None, TCPV4, TCPV6, UDP_L4, and the old UDP, which nobody negotiates (VIRTIO 1.3, 5.1.6). */
    private static final int[] SEGMENTATIONS = {0, 1, 4, 5, 3};

    private static final int ECN = 0x80;
    private static final int[] SEGMENT_LENGTHS = {1_448, 1_448, 536, 101, 1, 0};
    private static final int[] LENGTHS = {
        0, 13, 14, 33, 42, 54, 60, 61, 66, 74, 300, 1_513, 1_514, 1_600, 4_345, 9_001, 16_000
    };
    /** They end within one of the headers that cutting needs. */
    private static final int[] CUT_SHORT = {16, 17, 20, 21, 34, 38, 46, 53, 58, 62};

    private final SplittableRandom random = new SplittableRandom(1);
    private final MemorySegment headers = Arena.ofAuto().allocate(HEADERS_LENGTH);

    /** Whether the next frame asks to be cut, though not even its headers are whole. */
    private boolean cutShort;

    /** Length in bytes of the next frame. */
    int lengthBytes() {
        cutShort = seldom();
        return oneOf(cutShort ? CUT_SHORT : LENGTHS);
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
        long from = seldom() ? source ^ OTHER_ADDRESS : source;
        headers.set(LONG, 0, destination | from << 48);
        headers.set(INT, 8, (int) (from >>> 16));
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
        writeRequest(to, at - QueueOptions.HEADER_LENGTH, transport, protocol, etherType);
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
        int next = at + 6;
        int end = at + 40;
        for (int options = random.nextInt(3); options > 0; options--) {
            headers.set(ValueLayout.JAVA_BYTE, next, (byte) oneOf(IPV6_OPTIONS));
            next = end;
            // Of eight bytes; now and then, of more than the frame has.
            headers.set(ValueLayout.JAVA_BYTE, end + 1, (byte) (seldom() ? 200 : 0));
            end += 8;
        }
        headers.set(ValueLayout.JAVA_BYTE, next, (byte) protocol);
        return end;
    }

    /** Flags, gso_type, hdr_len, gso_size, csum_start and csum_offset: mostly what fits the frame. */
    private void writeRequest(MemorySegment to, long at, int transport, int protocol, int etherType) {
        if (cutShort) {
            to.set(LONG, at, 1 | 1L << 8 | 1_448L << 32 | (long) ETHERNET_LENGTH << 48);
            to.set(INT, at + 8, 0);
            return;
        }
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

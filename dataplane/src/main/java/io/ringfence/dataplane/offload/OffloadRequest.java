package io.ringfence.dataplane.offload;

import io.ringfence.dataplane.network.Network;
import java.lang.foreign.MemorySegment;

/**
 * What the virtio-net header of one frame asks for, checked against the frame's own bytes (VIRTIO 1.3, section 5.1.6.2).
 *
 * <p>All of it comes from private copies: what was checked is what is used. What is passed on is made anew from what was checked;
 * hdr_len, which is a hint only, is computed. Reused for every frame; owned by one worker.
 */
public final class OffloadRequest {
    /** Bytes at the start of a frame in which all that is asked for must lie: tunnels and extension headers have room. */
    public static final int HEAD_CAPACITY = 256;

    /** The longest IP packet and its Ethernet header with two tags: what a receiver's buffers are made for (5.1.6.3.1). */
    public static final int MAX_FRAME_LENGTH = 65_535 + Network.HEADERS_BYTES;

    /** Segments of one frame. With fewer bytes in each, a frame would cost more than any other of its length. */
    public static final int MAX_SEGMENTS = 128;

    static final int ETHERNET_LENGTH = 14;
    private static final int NEEDS_CSUM = 1;
    private static final int GSO_TYPE_MASK = 0xff00;
    private static final long CHECKSUM_START_MASK = 0xffffL << 48;
    private static final int GSO_TCPV4 = 1;
    private static final int GSO_TCPV6 = 4;
    private static final int GSO_UDP_L4 = 5;
    private static final int GSO_ECN = 0x80;
    private static final int TCP_CHECKSUM_OFFSET = 16;
    private static final int UDP_CHECKSUM_OFFSET = 6;

    /**
     * The offload that a gso_type asks for of a kind of packet; none where they do not fit. A table, for of branches each combination
     * that a guest is the first to send would have compiled code thrown away.
     */
    private static final byte[] OFFLOADS = new byte[GSO_ECN * Headers.KINDS];

    static {
        OFFLOADS[GSO_TCPV4 * Headers.KINDS + Headers.TCP_OVER_IPV4] = Offloads.TSO4;
        OFFLOADS[GSO_TCPV6 * Headers.KINDS + Headers.TCP_OVER_IPV6] = Offloads.TSO6;
        OFFLOADS[GSO_UDP_L4 * Headers.KINDS + Headers.UDP_OVER_IPV4] = Offloads.USO4;
        OFFLOADS[GSO_UDP_L4 * Headers.KINDS + Headers.UDP_OVER_IPV6] = Offloads.USO6;
    }

    private final Headers headers = new Headers();
    private int needs;
    private int checksumStart;
    private int checksumOffset;
    private int gsoType;
    private int segmentLength;
    private int segments;
    private int frameLength;

    /**
     * Reads and checks a virtio-net header.
     *
     * @param header its first 8 bytes: flags, gso_type, hdr_len, gso_size, csum_start
     * @param offset csum_offset
     * @param head the first bytes of the frame, up to {@link #HEAD_CAPACITY}
     * @param allowed what the sender has negotiated: {@link Offloads}
     * @return false if it makes no sense or was not negotiated
     */
    public boolean read(long header, int offset, MemorySegment head, int headLength, int lengthBytes, int allowed) {
        needs = Offloads.NONE;
        frameLength = lengthBytes;
        segments = 1;
        segmentLength = 0;
        gsoType = 0;
        int type = (int) (header >>> 8) & 0xff;
        // "The device MUST ignore flag bits that it does not recognize" (5.1.6.2.2).
        if ((header & NEEDS_CSUM) == 0) {
            return type == 0; // whoever cuts a frame has to write checksums
        }
        checksumStart = checksumStart(header);
        checksumOffset = offset & 0xffff;
        if (!liesWithin(checksumStart, checksumOffset, headLength)) {
            return false;
        }
        needs = Offloads.CHECKSUM;
        if (type != 0 && !readSegmentation(type, (int) (header >>> 32) & 0xffff, head, headLength, allowed)) {
            return false;
        }
        return (needs & ~allowed) == 0;
    }

    /**
     * Whether a virtio-net header asks for a checksum and for nothing else, one that a frame of this length can have; what
     * {@link #read} would say of it, without the frame.
     *
     * @param header as for {@link #read}
     * @param offset csum_offset, from 0 to 65,535
     */
    public static boolean isChecksumOf(long header, int offset, int lengthBytes) {
        return (header & (NEEDS_CSUM | GSO_TYPE_MASK)) == NEEDS_CSUM
                && liesWithin(checksumStart(header), offset, Math.min(lengthBytes, HEAD_CAPACITY));
    }

    /** What is passed on of a header for which {@link #isChecksumOf} holds: its first 8 bytes. */
    public static long checksumHeader(long header) {
        return NEEDS_CSUM | (header & CHECKSUM_START_MASK);
    }

    private static int checksumStart(long header) {
        return (int) (header >>> 48);
    }

    /** Within the first bytes of the frame; never within the addresses, which have been checked. */
    private static boolean liesWithin(int start, int offset, int headLength) {
        return start >= ETHERNET_LENGTH && start + offset + 2 <= headLength;
    }

    private boolean readSegmentation(int type, int gsoSize, MemorySegment head, int headLength, int allowed) {
        if (!headers.find(head, headLength) || headers.transport() != checksumStart) {
            return false;
        }
        int wanted = OFFLOADS[(type & ~GSO_ECN) * Headers.KINDS + headers.kind()];
        int ecn = (type & GSO_ECN) != 0 ? Offloads.ECN : Offloads.NONE;
        boolean tcp = headers.protocol() == Headers.TCP;
        int payloadLength = frameLength - headers.payload();
        if (wanted == Offloads.NONE
                || checksumOffset != (tcp ? TCP_CHECKSUM_OFFSET : UDP_CHECKSUM_OFFSET)
                || ((wanted | ecn) & ~allowed) != 0
                || (!tcp && ecn != 0)
                || gsoSize == 0
                || frameLength > headers.network() + 65_535
                || payloadLength < 1) {
            return false;
        }
        int count = (payloadLength + gsoSize - 1) / gsoSize;
        if (count > MAX_SEGMENTS) {
            return false;
        }
        // One segment is none to cut: the checksum is all that is left to do.
        if (count > 1) {
            needs |= wanted | ecn;
            gsoType = type;
            segmentLength = gsoSize;
            segments = count;
        }
        return true;
    }

    /** What a receiver must take for the frame to be passed on as it is: {@link Offloads}. */
    public int needs() {
        return needs;
    }

    /** The first 8 bytes of the virtio-net header for a receiver that takes all of that. */
    public long header() {
        if (needs == Offloads.NONE) {
            return 0;
        }
        long headerLength = segments > 1 ? headers.payload() : 0;
        return NEEDS_CSUM
                | (long) gsoType << 8
                | headerLength << 16
                | (long) segmentLength << 32
                | (long) checksumStart << 48;
    }

    /** The header of a frame of which only the checksum is left to do. */
    long checksumHeader() {
        return NEEDS_CSUM | (long) checksumStart << 48;
    }

    /** Where the checksum belongs, from {@link #checksumStart} on; what follows {@link #header} there. */
    public int checksumOffset() {
        return needs == Offloads.NONE ? 0 : checksumOffset;
    }

    /** Where in the frame the bytes begin that the checksum covers. */
    public int checksumStart() {
        return checksumStart;
    }

    /** How many packets the frame is, once cut. */
    public int segments() {
        return segments;
    }

    /** Bytes of the longest of these packets, Ethernet header included. */
    public int longestPacket() {
        return segments > 1 ? headers.payload() + segmentLength : frameLength;
    }

    /** Bytes of all these packets together: each has the headers. */
    public int packetBytes() {
        return segments > 1 ? frameLength + (segments - 1) * headers.payload() : frameLength;
    }

    /** Bytes of payload of each packet but the last. */
    int segmentLength() {
        return segmentLength;
    }

    int frameLength() {
        return frameLength;
    }

    Headers headers() {
        return headers;
    }

    /** The checksum has been computed, so that nothing is left to be done. */
    public void completed() {
        needs = Offloads.NONE;
    }
}

package io.ringfence.dataplane.offload;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Cuts a TCP or UDP frame into the packets that it stands for: makes the headers of each, and computes its checksums.
 *
 * <p>Sequence numbers, lengths and IPv4 identifications go up; FIN and PSH are for the last segment, CWR for the first; the
 * pseudo header is computed from the addresses, whatever the sender has left in the checksum. Reused; owned by one worker.
 */
public final class Segmentation {
    private static final ValueLayout.OfShort NETWORK_SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt NETWORK_INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final int TCP_FIN_AND_PUSH = 0x09;
    private static final int TCP_CWR = 0x80;

    private final MemorySegment head;
    private int headerLength;
    private int segmentLength;
    private int payloadLeft;
    private int next;
    private int payloadLength;

    private int network;
    private int transport;
    private int checksumAt;
    private boolean ipv6;
    private boolean tcp;
    private int identification;
    private int sequence;
    private int flags;
    private long pseudoHeader;
    private long checksumHeader;
    private int checksumOffset;

    /** @param head where the headers of each packet are made, {@link OffloadRequest#HEAD_CAPACITY} bytes */
    public Segmentation(MemorySegment head) {
        this.head = head;
    }

    /**
     * Begins with a frame.
     *
     * @param request one that needs segmentation
     * @param frameHead the private copy of the frame's first bytes, against which the request was checked
     */
    public void begin(OffloadRequest request, MemorySegment frameHead) {
        Headers headers = request.headers();
        headerLength = headers.payload();
        MemorySegment.copy(frameHead, 0, head, 0, headerLength);
        segmentLength = request.segmentLength();
        payloadLeft = request.frameLength() - headerLength;
        next = 0;
        network = headers.network();
        transport = headers.transport();
        ipv6 = headers.ipv6();
        tcp = headers.protocol() == Headers.TCP;
        checksumOffset = request.checksumOffset();
        checksumAt = transport + checksumOffset;
        checksumHeader = request.checksumHeader();
        identification = head.get(NETWORK_SHORT, network + 4);
        if (tcp) {
            sequence = head.get(NETWORK_INT, transport + 4);
            flags = head.get(ValueLayout.JAVA_BYTE, transport + 13);
        }
        int addresses = network + (ipv6 ? 8 : 12);
        pseudoHeader = Checksum.sum(head, addresses, ipv6 ? 32 : 8) + Checksum.ofShort(tcp ? Headers.TCP : Headers.UDP);
    }

    /**
     * Makes the headers of the next packet.
     *
     * @return false if there is none
     */
    public boolean next() {
        if (payloadLeft == 0) {
            return false;
        }
        payloadLength = Math.min(segmentLength, payloadLeft);
        payloadLeft -= payloadLength;
        if (ipv6) {
            setShort(network + 4, transport - network - Headers.IPV6_LENGTH + transportLength());
        } else {
            setShort(network + 2, transport - network + transportLength());
            setShort(network + 4, identification + next);
            setShort(network + 10, 0);
            Checksum.store(head, network + 10L, Checksum.sum(head, network, transport - network));
        }
        if (tcp) {
            head.set(NETWORK_INT, transport + 4, sequence + next * segmentLength);
            int cleared = (payloadLeft > 0 ? TCP_FIN_AND_PUSH : 0) | (next > 0 ? TCP_CWR : 0);
            head.set(ValueLayout.JAVA_BYTE, transport + 13, (byte) (flags & ~cleared));
        } else {
            setShort(transport + 4, transportLength());
        }
        Checksum.storePartial(head, checksumAt, pseudoHeader + Checksum.ofShort(transportLength()));
        next++;
        return true;
    }

    private int transportLength() {
        return headerLength - transport + payloadLength;
    }

    private void setShort(long at, int value) {
        head.set(NETWORK_SHORT, at, (short) value);
    }

    /** Completes the checksum of the packet; else it is left to the receiver. */
    public void complete(long payloadSum) {
        int length = headerLength - transport;
        long sum = payloadSum + Checksum.sum(head, transport, length);
        Checksum.storeTransport(head, checksumAt, sum);
    }

    /** Bytes of each packet's headers. */
    public int headerLength() {
        return headerLength;
    }

    /** Bytes of the packet's payload. */
    public int payloadLength() {
        return payloadLength;
    }

    /** The first 8 bytes of the virtio-net header of a packet whose checksum is left to the receiver. */
    public long checksumHeader() {
        return checksumHeader;
    }

    /** csum_offset of such a packet. */
    public int checksumOffset() {
        return checksumOffset;
    }
}

package io.ringfence.dataplane.delivery;

import io.ringfence.dataplane.offload.Checksum;
import io.ringfence.dataplane.offload.OffloadRequest;
import io.ringfence.dataplane.offload.Offloads;
import io.ringfence.vhostuser.virtqueue.BufferChain;
import io.ringfence.vhostuser.virtqueue.ChainReader;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * One Ethernet frame on its way: its first bytes as a private copy, the rest where its sender left it.
 *
 * <p>The guest can change the frame while it is switched. What decides (addresses, type, and for an offload all headers) is
 * read once, here, and those very bytes are what the receiver gets. Reused for every frame; owned by one worker.
 */
public final class Frame {
    /** Ethernet header: destination (6), source (6), type (2). */
    public static final int HEADER_LENGTH = 14;
    /** Bytes kept as the private copy of a frame that leaves no work to its receiver. */
    public static final int PRIVATE_LENGTH = 16;
    /** Bytes of what {@link #copyTo} writes before a frame that leaves some. */
    static final int REQUEST_LENGTH = 16;

    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final long ADDRESS_MASK = 0xffff_ffff_ffffL;
    private static final int CHECKSUM_OFFSET_OFFSET = 8;
    static final int VIRTIO_FLAGS_AND_GSO_TYPE = 0xffff;

    private final MemorySegment virtioHeaderCopy = Arena.ofAuto().allocate(REQUEST_LENGTH, 8);
    private final BufferChain source;
    private final OffloadRequest request = new OffloadRequest();
    private final Packet packet;
    private final Segments segments;
    private int piece;
    private long offset;
    int lengthBytes;
    long first;
    long second;
    int flow;
    /** What it leaves to its receiver: {@link Offloads}. */
    int needs;
    /** Whether it came with something left to do: then what {@link #packet} has is its private copy. */
    private boolean special;
    /** When its sender's worker first saw it, as {@link System#nanoTime}; in doubt too early. */
    long seenNanos;

    /** Creates a frame that reads from this chain; the chain is refilled for each frame. */
    public Frame(BufferChain source) {
        this.source = source;
        packet = new Packet(source);
        segments = new Segments(source);
    }

    /** Says when the sender's worker first saw this frame, and those that follow. */
    public void seen(long nanos) {
        seenNanos = nanos;
    }

    /** Descriptors of the sender's that it is in: each copy reads all these pieces. */
    public int descriptors() {
        return source.descriptors();
    }

    /** What {@link #parse} found. */
    public static final int PARSED = 0;
    /** The chain is too short for a virtio-net header and an Ethernet header. */
    public static final int RUNT = 1;
    /** The virtio-net header asks for an offload that was not negotiated, or that this frame cannot be for. */
    public static final int BAD_OFFLOAD = 2;

    /**
     * Reads the headers of the frame in the chain.
     *
     * @param virtioHeaderLength bytes before the frame: 12, or 10 for a legacy driver (VIRTIO 1.3, 5.1.6.1)
     * @param flowIndex index of the queue pair it came by; frames of a flow stay in order
     * @param offloads what the sender has negotiated: {@link Offloads}
     * @return {@link #PARSED}, {@link #RUNT} or {@link #BAD_OFFLOAD}
     */
    public int parse(int virtioHeaderLength, int flowIndex, int offloads) {
        BufferChain chain = source;
        flow = flowIndex;
        lengthBytes = chain.lengthBytes() - virtioHeaderLength;
        if (lengthBytes < HEADER_LENGTH) {
            return RUNT;
        }
        if (chain.length(0) >= virtioHeaderLength + PRIVATE_LENGTH) {
            MemorySegment from = chain.segment(0);
            long at = chain.offset(0);
            long virtioHeader = from.get(LONG, at);
            if ((virtioHeader & VIRTIO_FLAGS_AND_GSO_TYPE) != 0) {
                return parseCopy(virtioHeaderLength, offloads);
            }
            leavesNothing();
            piece = 0;
            offset = virtioHeaderLength;
            first = from.get(LONG, at + virtioHeaderLength);
            second = from.get(LONG, at + virtioHeaderLength + 8);
            return PARSED;
        }
        return parseCopy(virtioHeaderLength, offloads);
    }

    /**
     * Makes this the frame in the chain, whose headers have been read already.
     *
     * @param firstBytes its first 8 bytes, as read once
     * @param nextBytes the 8 after those; the chain must be one piece that holds the frame
     * @param offloads what the sender has negotiated: {@link Offloads}
     * @return {@link #PARSED} or {@link #BAD_OFFLOAD}
     */
    public int take(
            int virtioHeaderLength, long virtioHeader, long firstBytes, long nextBytes, int flowIndex, int offloads) {
        flow = flowIndex;
        lengthBytes = source.lengthBytes() - virtioHeaderLength;
        if ((virtioHeader & VIRTIO_FLAGS_AND_GSO_TYPE) != 0) {
            return parseCopy(virtioHeaderLength, offloads); // nothing was decided on what was read before
        }
        leavesNothing();
        piece = 0;
        offset = virtioHeaderLength;
        first = firstBytes;
        second = nextBytes;
        return PARSED;
    }

    /** Headers that are spread over several pieces, a frame shorter than the private copy, or an offload. */
    private int parseCopy(int virtioHeaderLength, int offloads) {
        ChainReader reader = packet.body;
        reader.moveTo(0, 0);
        reader.copy(virtioHeaderCopy, 0, virtioHeaderLength);
        long virtioHeader = virtioHeaderCopy.get(LONG, 0);
        piece = reader.piece();
        offset = reader.offset();
        leavesNothing();
        boolean asks = (virtioHeader & VIRTIO_FLAGS_AND_GSO_TYPE) != 0;
        copyHead(asks ? OffloadRequest.HEAD_CAPACITY : PRIVATE_LENGTH);
        if (asks) {
            int checksumOffset = virtioHeaderCopy.get(SHORT, CHECKSUM_OFFSET_OFFSET);
            if (!request.read(virtioHeader, checksumOffset, packet.head, packet.headLength, lengthBytes, offloads)) {
                return BAD_OFFLOAD;
            }
            leavesWhatIsAsked();
        }
        return PARSED;
    }

    private void leavesNothing() {
        needs = Offloads.NONE;
        special = false;
    }

    private void leavesWhatIsAsked() {
        needs = request.needs();
        special = needs != Offloads.NONE;
    }

    /** Makes the private copy of the frame's first bytes. */
    private void copyHead(int capacity) {
        packet.headLength = Math.min(capacity, lengthBytes);
        packet.head.set(LONG, 0, 0L);
        packet.head.set(LONG, 8, 0L);
        packet.body.moveTo(piece, offset);
        packet.body.copy(packet.head, 0, packet.headLength);
        first = packet.head.get(LONG, 0);
        second = packet.head.get(LONG, 8);
    }

    /** Makes this the frame whose bytes are all in one place, for example in a handoff. */
    public void read(MemorySegment from, long at, int length, int flowIndex) {
        source.clear();
        source.add(from, at, length);
        piece = 0;
        offset = 0;
        lengthBytes = length;
        flow = flowIndex;
        leavesNothing();
        if (length >= PRIVATE_LENGTH) {
            first = from.get(LONG, at);
            second = from.get(LONG, at + 8);
        } else {
            copyHead(PRIVATE_LENGTH);
        }
    }

    /** Makes this a frame as {@link #copyTo} wrote it, if it leaves work to its receiver: the request, then the frame. */
    void readWithRequest(MemorySegment from, long at, int length, int flowIndex) {
        read(from, at + REQUEST_LENGTH, length - REQUEST_LENGTH, flowIndex);
        copyHead(OffloadRequest.HEAD_CAPACITY);
        int checksumOffset = from.get(SHORT, at + CHECKSUM_OFFSET_OFFSET);
        request.read(from.get(LONG, at), checksumOffset, packet.head, packet.headLength, lengthBytes, Offloads.ALL);
        leavesWhatIsAsked();
    }

    /** Whether it leaves nothing to its receiver, and is long enough. */
    boolean plain() {
        return !special && lengthBytes >= PRIVATE_LENGTH;
    }

    /** Bytes that {@link #copyTo} writes. */
    int copyLengthBytes() {
        return needs == Offloads.NONE ? lengthBytes : REQUEST_LENGTH + lengthBytes;
    }

    /** Writes the whole frame to one place, the first bytes from the private copy; before it, what it leaves to its receiver. */
    void copyTo(MemorySegment to, long at) {
        if (plain()) {
            copyPlain(to, at);
            return;
        }
        long position = at;
        if (needs != Offloads.NONE) {
            to.set(LONG, at, request.header());
            to.set(LONG, at + CHECKSUM_OFFSET_OFFSET, request.checksumOffset());
            position += REQUEST_LENGTH;
        }
        packet().emit(to, position, lengthBytes);
    }

    private void copyPlain(MemorySegment to, long at) {
        to.set(LONG, at, first);
        to.set(LONG, at + 8, second);
        long skipped = offset + PRIVATE_LENGTH;
        long rest = at + PRIVATE_LENGTH;
        int length = lengthBytes - PRIVATE_LENGTH;
        if (source.length(piece) - skipped >= length) {
            MemorySegment.copy(source.segment(piece), source.offset(piece) + skipped, to, rest, length);
        } else {
            packet.body.moveTo(piece, offset);
            packet.body.skip(PRIVATE_LENGTH);
            packet.body.copy(to, rest, length);
        }
    }

    /** The frame as bytes to be written from the first on, behind the header for a receiver that takes what it needs. */
    Packet packet() {
        Packet whole = packet;
        if (!special) {
            whole.headLength = Math.min(PRIVATE_LENGTH, lengthBytes);
            whole.head.set(LONG, 0, first);
            whole.head.set(LONG, 8, second);
        }
        whole.virtioHeader = special ? request.header() : 0;
        whole.checksumOffset = special ? request.checksumOffset() : 0;
        whole.lengthBytes = lengthBytes;
        whole.body.moveTo(piece, offset);
        whole.body.skip(whole.headLength);
        whole.rewind();
        return whole;
    }

    /** Computes the checksum that was left to the receiver: into the private copy, so that it is done for all receivers. */
    void completeChecksum() {
        MemorySegment head = packet.head;
        int start = request.checksumStart();
        int inHead = packet.headLength - start;
        ChainReader rest = packet.body;
        rest.moveTo(piece, offset);
        rest.skip(packet.headLength);
        long sum = Checksum.sum(rest, lengthBytes - packet.headLength);
        sum = Checksum.sum(head, start, inHead) + ((inHead & 1) == 0 ? sum : Checksum.shifted(sum));
        Checksum.storeTransport(head, start + request.checksumOffset(), sum);
        second = head.get(LONG, 8); // for a checksum in the first bytes behind the Ethernet header
        request.completed();
        needs = Offloads.NONE;
    }

    /** Begins to cut it; with checksums, or leaving those to the receiver. */
    Segments cut(boolean withChecksums) {
        segments.begin(request, packet.head, piece, offset, withChecksums);
        return segments;
    }

    /** How many packets it is to a receiver that does not take it as it is. */
    public int segments() {
        return special ? request.segments() : 1;
    }

    /** Bytes of the longest of these packets: what an MTU bounds. */
    public int longestPacket() {
        return special ? request.longestPacket() : lengthBytes;
    }

    /** Bytes of all these packets: what a limit counts. */
    public int packetBytes() {
        return special ? request.packetBytes() : lengthBytes;
    }

    /** Index of the queue pair it came by; frames of a flow stay in order. */
    public int flow() {
        return flow;
    }

    /** Bytes of the Ethernet frame. */
    public int lengthBytes() {
        return lengthBytes;
    }

    /** Destination address; its first byte on the wire is the lowest. */
    public long destination() {
        return destination(first);
    }

    /** Source address; its first byte on the wire is the lowest. */
    public long source() {
        return source(first, second);
    }

    static long destination(long first) {
        return first & ADDRESS_MASK;
    }

    static long source(long first, long second) {
        return (first >>> 48 | second << 16) & ADDRESS_MASK;
    }
}

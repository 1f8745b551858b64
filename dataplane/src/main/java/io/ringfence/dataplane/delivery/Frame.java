package io.ringfence.dataplane.delivery;

import io.ringfence.vhostuser.virtqueue.BufferChain;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * One Ethernet frame on its way: its first 16 bytes as a private copy, the rest where its sender left it.
 *
 * <p>The guest can change the frame while it is switched. What decides (addresses, type) is read once, here, and those
 * very bytes are what the receiver gets. Reused for every frame; owned by one worker.
 */
public final class Frame {
    /** Ethernet header: destination (6), source (6), type (2). */
    public static final int HEADER_LENGTH = 14;
    /** Bytes kept as the private copy. */
    public static final int PRIVATE_LENGTH = 16;

    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final long ADDRESS_MASK = 0xffff_ffff_ffffL;
    static final int VIRTIO_FLAGS_AND_GSO_TYPE = 0xffff;

    private final MemorySegment scratch = Arena.ofAuto().allocate(PRIVATE_LENGTH + 16, 8);

    private final BufferChain source;
    private int piece;
    private long offset;
    int lengthBytes;
    long first;
    long second;
    int flow;
    /** When its sender's worker first saw it, as {@link System#nanoTime}; in doubt too early. */
    long seenNanos;

    private int cursorPiece;
    private long cursorOffset;
    private int emitted;

    /** Creates a frame that reads from this chain; the chain is refilled for each frame. */
    public Frame(BufferChain source) {
        this.source = source;
    }

    /** Memory of the piece in which the frame starts. */
    MemorySegment sourceSegment() {
        return source.segment(piece);
    }

    /** Where in that memory the frame starts. */
    long sourceOffset() {
        return source.offset(piece) + offset;
    }

    /** Says when the sender's worker first saw this frame, and those that follow. */
    public void seen(long nanos) {
        seenNanos = nanos;
    }

    /** What {@link #parse} found. */
    public static final int PARSED = 0;
    /** The chain is too short for a virtio-net header and an Ethernet header. */
    public static final int RUNT = 1;
    /** The virtio-net header asks for an offload; none is negotiated. */
    public static final int BAD_OFFLOAD = 2;

    /**
     * Reads the headers of the frame in the chain.
     *
     * @param virtioHeaderLength bytes before the frame: 12, or 10 for a legacy driver (VIRTIO 1.3, 5.1.6.1)
     * @param flowIndex index of the queue pair it came by; frames of a flow stay in order
     * @return {@link #PARSED}, {@link #RUNT} or {@link #BAD_OFFLOAD}
     */
    public int parse(int virtioHeaderLength, int flowIndex) {
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
                return BAD_OFFLOAD;
            }
            piece = 0;
            offset = virtioHeaderLength;
            first = from.get(LONG, at + virtioHeaderLength);
            second = from.get(LONG, at + virtioHeaderLength + 8);
            return PARSED;
        }
        return parseScattered(virtioHeaderLength);
    }

    /**
     * Makes this the frame in the chain, whose headers have been read already.
     *
     * @param firstBytes its first 8 bytes, as read once
     * @param nextBytes the 8 after those; the chain must be one piece that holds the frame
     * @return {@link #PARSED} or {@link #BAD_OFFLOAD}
     */
    public int take(int virtioHeaderLength, long virtioHeader, long firstBytes, long nextBytes, int flowIndex) {
        if ((virtioHeader & VIRTIO_FLAGS_AND_GSO_TYPE) != 0) {
            return BAD_OFFLOAD;
        }
        flow = flowIndex;
        lengthBytes = source.lengthBytes() - virtioHeaderLength;
        piece = 0;
        offset = virtioHeaderLength;
        first = firstBytes;
        second = nextBytes;
        return PARSED;
    }

    /** Headers that are spread over several pieces, or a frame shorter than the private copy. */
    private int parseScattered(int virtioHeaderLength) {
        piece = 0;
        offset = 0;
        rewind();
        scratch.fill((byte) 0);
        copy(scratch, 0, virtioHeaderLength);
        if ((scratch.get(LONG, 0) & VIRTIO_FLAGS_AND_GSO_TYPE) != 0) {
            return BAD_OFFLOAD;
        }
        piece = cursorPiece;
        offset = cursorOffset;
        scratch.fill((byte) 0);
        copy(scratch, 0, Math.min(PRIVATE_LENGTH, lengthBytes));
        first = scratch.get(LONG, 0);
        second = scratch.get(LONG, 8);
        return PARSED;
    }

    /** Makes this the frame whose bytes are all in one place, for example in a handoff. */
    public void read(MemorySegment from, long at, int length, int flowIndex) {
        source.clear();
        source.add(from, at, length);
        piece = 0;
        offset = 0;
        lengthBytes = length;
        flow = flowIndex;
        if (length >= PRIVATE_LENGTH) {
            first = from.get(LONG, at);
            second = from.get(LONG, at + 8);
        } else {
            scratch.fill((byte) 0);
            MemorySegment.copy(from, at, scratch, 0, length);
            first = scratch.get(LONG, 0);
            second = scratch.get(LONG, 8);
        }
    }

    /** Whether everything from the first byte on lies in one piece, and is long enough to have a private copy. */
    boolean contiguous() {
        return lengthBytes >= PRIVATE_LENGTH && source.length(piece) - offset >= lengthBytes;
    }

    /** Writes the whole frame to one place, the first bytes from the private copy. */
    void copyTo(MemorySegment to, long at) {
        if (contiguous()) {
            to.set(LONG, at, first);
            to.set(LONG, at + 8, second);
            MemorySegment.copy(
                    source.segment(piece),
                    source.offset(piece) + offset + PRIVATE_LENGTH,
                    to,
                    at + PRIVATE_LENGTH,
                    lengthBytes - PRIVATE_LENGTH);
        } else {
            rewind();
            emit(to, at, lengthBytes);
        }
    }

    /** Starts {@link #emit} at the first byte of the frame. */
    void rewind() {
        cursorPiece = piece;
        cursorOffset = offset;
        emitted = 0;
    }

    /** Writes the next bytes of the frame and moves on; the first bytes come from the private copy. */
    void emit(MemorySegment to, long at, int length) {
        int head = Math.min(length, PRIVATE_LENGTH - emitted);
        if (head > 0) {
            scratch.set(LONG, 0, first);
            scratch.set(LONG, 8, second);
            MemorySegment.copy(scratch, emitted, to, at, head);
            skip(head);
            copy(to, at + head, length - head);
        } else {
            copy(to, at, length);
        }
        emitted += length;
    }

    private void skip(int length) {
        int left = length;
        while (left > 0) {
            int step = (int) Math.min(left, source.length(cursorPiece) - cursorOffset);
            advance(step);
            left -= step;
        }
    }

    private void copy(MemorySegment to, long at, int length) {
        long position = at;
        int left = length;
        while (left > 0) {
            int step = (int) Math.min(left, source.length(cursorPiece) - cursorOffset);
            MemorySegment.copy(
                    source.segment(cursorPiece), source.offset(cursorPiece) + cursorOffset, to, position, step);
            advance(step);
            position += step;
            left -= step;
        }
    }

    private void advance(int step) {
        cursorOffset += step;
        if (cursorOffset == source.length(cursorPiece)) {
            cursorPiece++;
            cursorOffset = 0;
        }
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

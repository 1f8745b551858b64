package io.ringfence.dataplane.delivery;

import io.ringfence.dataplane.offload.OffloadRequest;
import io.ringfence.dataplane.offload.Offloads;
import io.ringfence.vhostuser.virtqueue.BufferBatch;
import io.ringfence.vhostuser.virtqueue.BufferChain;
import io.ringfence.vhostuser.virtqueue.Virtqueue;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The next frames of a transmit queue with their headers, read ahead into private memory.
 *
 * <p>First all descriptors, then all headers, then the frames: the guest's CPU has just written both, and reads that do
 * not depend on each other fetch its cache lines together instead of one after the other. Frames come in trains, so a
 * whole run of them is decided on once and copied in one loop. Owned by the sender's worker.
 */
public final class FrameBatch {
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int CHECKSUM_OFFSET_OFFSET = 8;
    private static final long SECOND_PART_OF_SOURCE = 0xffff_ffffL;

    /** The virtio-net header that receivers of a whole batch have; a legacy driver's is shorter. */
    static final int HEADER_LENGTH = 12;
    /** The last four bytes of that header: csum_offset 0, num_buffers 1 ("MUST set num_buffers to 1", 5.1.6.4.1). */
    static final int ONE_BUFFER = 1 << 16;

    private final BufferBatch buffers = new BufferBatch();
    private final long[] virtioHeaders = new long[BufferBatch.CAPACITY];
    private final long[] first = new long[BufferBatch.CAPACITY];
    private final long[] second = new long[BufferBatch.CAPACITY];
    private int headerLength;
    private int offloads;
    private int next;
    private int end;
    private long copiedBytes;
    private long skippedBytes;

    /**
     * Reads ahead.
     *
     * @param headerLengthBytes of the virtio-net header before each frame: 12, or 10 for a legacy driver
     * @param senderOffloads what the sender has negotiated: {@link Offloads}
     * @param limit the most to read; the queue must have counted them
     * @return how many frames were read; 0 if the next chain is not of the plain kind
     */
    public int read(Virtqueue queue, int headerLengthBytes, int senderOffloads, int limit) {
        headerLength = headerLengthBytes;
        offloads = senderOffloads;
        next = 0;
        skippedBytes = 0;
        int count = queue.peekPlain(limit, false, headerLengthBytes + Frame.PRIVATE_LENGTH, buffers);
        MemorySegment segment = buffers.segment();
        for (int i = 0; i < count; i++) {
            long offset = buffers.offset(i);
            virtioHeaders[i] = segment.get(LONG, offset);
            first[i] = segment.get(LONG, offset + headerLengthBytes);
            second[i] = segment.get(LONG, offset + headerLengthBytes + 8);
        }
        end = count;
        return count;
    }

    /** Forgets what is left of what was read ahead. */
    public void forget() {
        next = 0;
        end = 0;
    }

    /** How many frames are left of what was read ahead. */
    public int left() {
        return end - next;
    }

    /** How many of the next frames are together no longer than this. */
    public int within(long lengthBytes) {
        long bytes = lengthBytes;
        int i = next;
        while (i < end) {
            bytes -= buffers.length(i) - headerLength;
            if (bytes < 0) {
                break;
            }
            i++;
        }
        return i - next;
    }

    /** Forgets all frames after the next ones, of which there are as many: 0 to {@link #left}. */
    public void cut(int frames) {
        end = next + frames;
    }

    /** Position of the next frame in {@link #buffers}: those before it are on their way. */
    public int next() {
        return next;
    }

    /** Whether no frame is left of what was read ahead. */
    public boolean isEmpty() {
        return next == end;
    }

    /** The buffers of all frames that were read ahead, for the used ring. */
    public BufferBatch buffers() {
        return buffers;
    }

    /** Destination address of the next frame; its first byte on the wire is the lowest. */
    public long destination() {
        return Frame.destination(first[next]);
    }

    /** Source address of the next frame; its first byte on the wire is the lowest. */
    public long source() {
        return Frame.source(first[next], second[next]);
    }

    /** Takes the next frame by itself; returns as {@link Frame#parse}. */
    public int load(int flow, BufferChain chain, Frame frame) {
        int i = next++;
        chain.set(buffers, i);
        return frame.take(headerLength, virtioHeaders[i], first[i], second[i], flow, offloads);
    }

    /** Bytes of the frames that {@link #copyTo} copied the last time. */
    long copiedBytes() {
        return copiedBytes;
    }

    /** Bytes of all frames since {@link #read} that were taken by {@link #skip}. */
    public long skippedBytes() {
        return skippedBytes;
    }

    /** Takes the frames that were copied. */
    void skip(int copied) {
        skippedBytes += copiedBytes;
        next += copied;
    }

    /**
     * Copies the next frames into receive buffers, one each, behind a virtio-net header, and notes what was written; as
     * long as they are like the leader: the same addresses, not too long, and nothing left to do but a checksum at most.
     *
     * <p>First the beginnings of all, then the rest. The receiver's CPU has the cache lines of these buffers, and stores leave the
     * store buffer in order, each when its line is there. With few stores for each frame, those of many frames are in there, and
     * their lines are fetched together.
     *
     * @param leader position of the frame that decided where they go
     * @param at the first buffer of {@code to} to be used
     * @param maxLength bytes of the longest frame allowed
     * @param taken what the receiver takes: {@link Offloads}
     * @return how many were copied; the next one is not alike, or has no buffer that is long enough
     */
    int copyTo(int leader, BufferBatch to, int at, int maxLength, int taken) {
        int frames = beginningsTo(leader, to, at, maxLength, (offloads & taken & Offloads.CHECKSUM) != 0);
        MemorySegment source = buffers.segment();
        MemorySegment target = to.segment();
        int copiedFrom = headerLength + Frame.PRIVATE_LENGTH;
        int from = next;
        long bytes = 0;
        for (int i = 0; i < frames; i++) {
            int rest = buffers.length(from + i) - copiedFrom;
            MemorySegment.copy(
                    source,
                    buffers.offset(from + i) + copiedFrom,
                    target,
                    to.offset(at + i) + HEADER_LENGTH + Frame.PRIVATE_LENGTH,
                    rest);
            to.written(at + i, HEADER_LENGTH + Frame.PRIVATE_LENGTH + rest);
            bytes += Frame.PRIVATE_LENGTH + rest;
        }
        copiedBytes = bytes;
        return frames;
    }

    /** Writes the virtio-net header of each of these frames, and behind it what was read ahead; of how many. */
    private int beginningsTo(int leader, BufferBatch to, int at, int maxLength, boolean checksums) {
        MemorySegment source = buffers.segment();
        MemorySegment target = to.segment();
        int header = headerLength;
        int from = next;
        int limit = Math.min(end - from, to.count() - at);
        long addresses = first[leader];
        long furtherAddresses = second[leader];
        int i = 0;
        while (i < limit) {
            long virtioHeader = virtioHeaders[from + i];
            long firstBytes = first[from + i];
            long nextBytes = second[from + i];
            int length = buffers.length(from + i) - header;
            if (firstBytes != addresses
                    || ((nextBytes ^ furtherAddresses) & SECOND_PART_OF_SOURCE) != 0
                    || length > maxLength
                    || length > to.length(at + i) - HEADER_LENGTH) {
                break;
            }
            long request = 0;
            int requestEnd = ONE_BUFFER;
            if ((virtioHeader & Frame.VIRTIO_FLAGS_AND_GSO_TYPE) != 0) {
                int checksumOffset = source.get(SHORT, buffers.offset(from + i) + CHECKSUM_OFFSET_OFFSET) & 0xffff;
                if (!checksums || !OffloadRequest.isChecksumOf(virtioHeader, checksumOffset, length)) {
                    break; // nothing was decided on what was read
                }
                request = OffloadRequest.checksumHeader(virtioHeader);
                requestEnd |= checksumOffset;
            }
            long offset = to.offset(at + i);
            target.set(LONG, offset, request);
            target.set(INT, offset + 8, requestEnd);
            target.set(LONG, offset + 12, firstBytes);
            target.set(LONG, offset + 20, nextBytes);
            i++;
        }
        return i;
    }
}

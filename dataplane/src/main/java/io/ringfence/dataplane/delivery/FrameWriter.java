package io.ringfence.dataplane.delivery;

import io.ringfence.vhostuser.virtqueue.BufferChain;
import io.ringfence.vhostuser.virtqueue.Virtqueue;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Copies a frame into a receive queue, behind a virtio-net header (VIRTIO 1.3, 5.1.6.4).
 *
 * <p>Owned by one worker; the queue's claim must be held.
 */
final class FrameWriter {
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int NUM_BUFFERS_OFFSET = 10;

    private static final MemorySegment ZEROES = Arena.global().allocate(16);

    private final BufferChain buffers = new BufferChain();
    private final BufferChain furtherBuffers = new BufferChain();
    private int descriptors;

    /**
     * Puts a frame into the queue; nothing is taken from the queue unless the frame is in.
     *
     * @param descriptorLimit the most descriptors to spend on it
     * @return one of {@link Delivered}
     */
    int write(ReceiveQueue queue, Frame frame, int descriptorLimit) {
        int needed = queue.headerLength + frame.lengthBytes;
        if (queue.headerLength == FrameBatch.HEADER_LENGTH
                && frame.contiguous()
                && queue.readAhead(FrameBatch.HEADER_LENGTH)
                && queue.ahead.length(queue.aheadNext) >= needed) {
            descriptors = 1;
            writePlain(queue.ahead.segment(), queue.ahead.offset(queue.aheadNext), frame);
            queue.ahead.written(queue.aheadNext, needed);
            queue.useAhead(1);
            return Delivered.DONE;
        }
        return writeAny(queue, frame, descriptorLimit);
    }

    private static void writePlain(MemorySegment to, long at, Frame frame) {
        to.set(LONG, at, 0L);
        to.set(INT, at + 8, FrameBatch.ONE_BUFFER);
        to.set(LONG, at + 12, frame.first);
        to.set(LONG, at + 20, frame.second);
        MemorySegment.copy(
                frame.sourceSegment(),
                frame.sourceOffset() + Frame.PRIVATE_LENGTH,
                to,
                at + 12 + Frame.PRIVATE_LENGTH,
                frame.lengthBytes - Frame.PRIVATE_LENGTH);
    }

    private int writeAny(ReceiveQueue queue, Frame frame, int descriptorLimit) {
        Virtqueue virtqueue = queue.virtqueue;
        queue.forgetAhead();
        if (queue.ready == 0) {
            queue.ready = virtqueue.available();
            if (queue.ready == 0) {
                return virtqueue.fault() == null ? Delivered.NO_BUFFERS : Delivered.ABSENT;
            }
        }
        descriptors = 1;
        if (!virtqueue.peek(0, true, buffers)) {
            queue.ready = 0; // stopped: never looked at again
            return Delivered.ABSENT;
        }
        return writeScattered(queue, frame, descriptorLimit);
    }

    /** Descriptors of the receiver that the last attempt read. */
    int descriptors() {
        return descriptors;
    }

    /** Any other shape: buffers of several pieces, a frame of several pieces, or a frame over several chains. */
    private int writeScattered(ReceiveQueue queue, Frame frame, int descriptorLimit) {
        Virtqueue virtqueue = queue.virtqueue;
        BufferChain chain = buffers;
        int header = queue.headerLength;
        int left = frame.lengthBytes;
        descriptors = 0;
        int chains = 0;
        frame.rewind();
        while (true) {
            descriptors += chain.descriptors();
            if (descriptors > descriptorLimit) {
                return Delivered.TOO_DEAR;
            }
            int room = chain.lengthBytes();
            if (room < header || (!queue.mergeable && room < header + left)) {
                return Delivered.NO_ROOM;
            }
            int written = Math.min(room, header + left);
            fill(chain, header, written, frame);
            virtqueue.stage(chains, chain.head(), written);
            chains++;
            left -= written - header;
            header = 0;
            if (left == 0) {
                break;
            }
            int outcome = another(queue, chains);
            if (outcome != Delivered.DONE) {
                return outcome;
            }
            chain = furtherBuffers;
        }
        if (queue.headerLength > NUM_BUFFERS_OFFSET) {
            setByte(buffers, NUM_BUFFERS_OFFSET, (byte) chains);
            setByte(buffers, NUM_BUFFERS_OFFSET + 1, (byte) (chains >>> 8));
        }
        virtqueue.commit(chains);
        queue.ready -= chains;
        queue.touched = true;
        return Delivered.DONE;
    }

    /** Reads the chain after those already filled. */
    private int another(ReceiveQueue queue, int filled) {
        Virtqueue virtqueue = queue.virtqueue;
        if (filled == queue.ready) {
            queue.ready = virtqueue.available();
            if (virtqueue.fault() != null) {
                return Delivered.ABSENT;
            }
            if (filled >= queue.ready) {
                // The driver has given all the buffers it ever can: waiting for more would be for nothing.
                return queue.ready == virtqueue.setup().sizeEntries() ? Delivered.NO_ROOM : Delivered.NO_BUFFERS;
            }
        }
        if (!virtqueue.peek(filled, true, furtherBuffers)) {
            queue.ready = 0;
            return Delivered.ABSENT;
        }
        return Delivered.DONE;
    }

    /** Fills a chain with a zeroed virtio-net header and then the next bytes of the frame. */
    private static void fill(BufferChain chain, int headerLength, int written, Frame frame) {
        int headerLeft = headerLength;
        int left = written;
        for (int i = 0; left > 0; i++) {
            MemorySegment to = chain.segment(i);
            long at = chain.offset(i);
            int room = Math.min(chain.length(i), left);
            int zeroes = Math.min(headerLeft, room);
            MemorySegment.copy(ZEROES, 0, to, at, zeroes);
            if (room > zeroes) {
                frame.emit(to, at + zeroes, room - zeroes);
            }
            headerLeft -= zeroes;
            left -= room;
        }
    }

    private static void setByte(BufferChain chain, int position, byte value) {
        int piece = 0;
        int offset = position;
        while (offset >= chain.length(piece)) {
            offset -= chain.length(piece);
            piece++;
        }
        chain.segment(piece).set(ValueLayout.JAVA_BYTE, chain.offset(piece) + offset, value);
    }
}

package io.ringfence.bench.claiming;

import io.ringfence.vhostuser.virtqueue.BufferBatch;
import io.ringfence.vhostuser.virtqueue.Virtqueue;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The next frames of a transmit queue with their headers, read ahead into private memory, as the switch's {@code FrameBatch} does.
 *
 * <p>Unlike that it says before the copy how many buffers it will take: what was claimed for good cannot be given back. Frames
 * leave nothing to their receiver here, and no header is checked but what decides where a train ends. Owned by one sender.
 */
final class Train {
    static final int HEADER_LENGTH = 12;

    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int PRIVATE_LENGTH = 16;
    private static final int NUM_BUFFERS_OFFSET = 10;
    /** The last four bytes of the virtio-net header: csum_offset 0, num_buffers 1. */
    private static final int ONE_BUFFER = 1 << 16;

    private static final long SECOND_PART_OF_SOURCE = 0xffff_ffffL;

    private final BufferBatch frames = new BufferBatch();
    private final long[] first = new long[BufferBatch.CAPACITY];
    private final long[] second = new long[BufferBatch.CAPACITY];
    /** How many buffers each frame takes. */
    private final int[] pieces = new int[BufferBatch.CAPACITY];

    private int next;
    private int planned;
    private int end;

    /** Reads ahead so many frames at most; the queue must have counted them. */
    void read(Virtqueue queue, int limit) {
        next = 0;
        planned = 0;
        end = queue.peekPlain(limit, false, HEADER_LENGTH + PRIVATE_LENGTH, frames);
        MemorySegment segment = frames.segment();
        for (int i = 0; i < end; i++) {
            long offset = frames.offset(i);
            first[i] = segment.get(LONG, offset + HEADER_LENGTH);
            second[i] = segment.get(LONG, offset + HEADER_LENGTH + Long.BYTES);
        }
    }

    boolean isEmpty() {
        return next == end;
    }

    /** The buffers of all frames that were read ahead, for the used ring. */
    BufferBatch frames() {
        return frames;
    }

    /** Position of the next frame. */
    int next() {
        return next;
    }

    /**
     * Chooses as many of the next frames as go the same way and fit.
     *
     * @param to buffers of the receiver
     * @param mergeable whether a frame may take several of them
     * @return how many of the buffers they take, from the first on; 0 if the next frame does not fit
     */
    int plan(BufferBatch to, boolean mergeable) {
        int buffers = 0;
        int frame = next;
        long addresses = first[next];
        long furtherAddresses = second[next];
        while (frame < end
                && buffers < to.count()
                && first[frame] == addresses
                && ((second[frame] ^ furtherAddresses) & SECOND_PART_OF_SOURCE) == 0) {
            int length = frames.length(frame);
            int taken = to.length(buffers) >= length ? 1 : mergeable ? buffersFor(length, to, buffers) : 0;
            if (taken == 0) {
                break;
            }
            pieces[frame] = taken;
            buffers += taken;
            frame++;
        }
        planned = frame;
        return buffers;
    }

    private static int buffersFor(int lengthBytes, BufferBatch to, int from) {
        int left = lengthBytes;
        int i = from;
        while (left > 0 && i < to.count()) {
            left -= to.length(i++);
        }
        return left > 0 ? 0 : i - from;
    }

    /** Copies the frames that were chosen, each behind a virtio-net header, and notes what was written into each buffer. */
    void copyTo(BufferBatch to, int[] written) {
        MemorySegment source = frames.segment();
        MemorySegment target = to.segment();
        int buffer = 0;
        for (int i = next; i < planned; i++) {
            int length = frames.length(i);
            if (pieces[i] > 1) {
                spread(i, to, buffer, written);
                buffer += pieces[i];
                continue;
            }
            long offset = to.offset(buffer);
            target.set(LONG, offset, 0);
            target.set(INT, offset + 8, ONE_BUFFER);
            target.set(LONG, offset + 12, first[i]);
            target.set(LONG, offset + 20, second[i]);
            MemorySegment.copy(
                    source,
                    frames.offset(i) + HEADER_LENGTH + PRIVATE_LENGTH,
                    target,
                    offset + HEADER_LENGTH + PRIVATE_LENGTH,
                    length - HEADER_LENGTH - PRIVATE_LENGTH);
            to.written(buffer, length);
            written[buffer] = length;
            buffer++;
        }
    }

    /** One frame over several buffers, of which the first holds the headers at least. */
    private void spread(int frame, BufferBatch to, int firstBuffer, int[] written) {
        MemorySegment source = frames.segment();
        MemorySegment target = to.segment();
        int length = frames.length(frame);
        int position = 0;
        for (int i = 0; i < pieces[frame]; i++) {
            int room = Math.min(to.length(firstBuffer + i), length - position);
            MemorySegment.copy(source, frames.offset(frame) + position, target, to.offset(firstBuffer + i), room);
            to.written(firstBuffer + i, room);
            written[firstBuffer + i] = room;
            position += room;
        }
        long offset = to.offset(firstBuffer);
        target.set(LONG, offset, 0);
        target.set(SHORT, offset + 8, (short) 0);
        target.set(SHORT, offset + NUM_BUFFERS_OFFSET, (short) pieces[frame]);
        target.set(LONG, offset + HEADER_LENGTH, first[frame]);
        target.set(LONG, offset + HEADER_LENGTH + Long.BYTES, second[frame]);
    }

    /** Goes on behind the frames that were chosen; returns how many they were. */
    int skip() {
        int gone = planned - next;
        next = planned;
        return gone;
    }
}

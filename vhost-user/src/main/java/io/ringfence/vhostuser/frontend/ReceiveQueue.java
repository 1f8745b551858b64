package io.ringfence.vhostuser.frontend;

import io.ringfence.vhostuser.protocol.Features;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * A queue on which an embedded guest receives: from {@link #startPosting} on, its buffers are posted, and again when read.
 *
 * <p>A frame that the device spread over several buffers (MRG_RXBUF) is put together in a buffer of its own, so that the
 * handler always sees one piece. Owned by one thread; allocates nothing after its creation.
 */
public final class ReceiveQueue implements AutoCloseable {
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int NUM_BUFFERS_OFFSET = 10;
    /** The longest IP packet, and its Ethernet header with two tags. */
    private static final int MERGED_CAPACITY_BYTES = 65_535 + 22;

    private final DriverQueue queue;
    private final BufferSlots slots;
    private final MemorySegment memory;
    private final int bufferLengthBytes;
    private final boolean mergeable;
    private final long merged;
    private final int[] withheld;
    private int withheldCount;
    private boolean posting;

    /** Lays the queue out in this memory, for a device with which these virtio features are negotiated. */
    public ReceiveQueue(SharedMemory memory, QueueOptions options, long features) {
        this.memory = memory.segment();
        queue = DriverQueue.create(memory, options, features);
        bufferLengthBytes = options.bufferLengthBytes();
        mergeable = (features & Features.NET_MRG_RXBUF) != 0;
        try {
            slots = queue.slots(options, features, true);
            merged = mergeable
                    ? memory.allocate(QueueOptions.HEADER_LENGTH + MERGED_CAPACITY_BYTES, Long.BYTES)
                            + QueueOptions.HEADER_LENGTH
                    : 0;
        } catch (RuntimeException | Error e) {
            queue.close();
            throw e;
        }
        withheld = new int[slots.count()];
        withheldCount = slots.count();
        for (int slot = 0; slot < slots.count(); slot++) {
            slots.describe(slot, bufferLengthBytes);
            withheld[slot] = slot;
        }
    }

    /** The rings behind this queue. */
    public DriverQueue rings() {
        return queue;
    }

    /**
     * Hands the received frames to the handler, in order, and posts their buffers again.
     *
     * @param limit most frames to take
     * @return how many frames were taken
     * @throws DeviceFaultException if the device broke a rule of the used ring or of the frame's header
     */
    public int poll(FrameHandler handler, int limit) {
        int pending = queue.pending();
        int frames = 0;
        while (pending > 0 && frames < limit) {
            int slot = slots.named(queue);
            long offset = slots.offset(slot);
            int buffers = numBuffers(offset);
            if (buffers == 1) {
                int lengthBytes = take(slot, QueueOptions.HEADER_LENGTH);
                handler.frame(memory, offset + QueueOptions.HEADER_LENGTH, lengthBytes - QueueOptions.HEADER_LENGTH);
                repost(slot);
            } else if (buffers <= pending) {
                handler.frame(memory, merged, merge(buffers));
            } else {
                break; // the rest of the frame is not published yet
            }
            pending -= buffers;
            frames++;
        }
        queue.publish();
        return frames;
    }

    /**
     * Hands the received frames to the handler, in order and piece by piece: what lies in several buffers is not copied
     * together. Else as {@link #poll}.
     */
    public int pollPieces(PieceHandler handler, int limit) {
        int pending = queue.pending();
        int frames = 0;
        while (pending > 0 && frames < limit) {
            int buffers = numBuffers(slots.offset(slots.named(queue)));
            if (buffers > pending) {
                break; // the rest of the frame is not published yet
            }
            int position = 0;
            for (int i = 0; i < buffers; i++) {
                int slot = slots.named(queue);
                int skipped = i == 0 ? QueueOptions.HEADER_LENGTH : 0;
                int length = take(slot, skipped) - skipped;
                handler.piece(memory, slots.offset(slot) + skipped, length, position, i == buffers - 1);
                position += length;
                repost(slot);
            }
            pending -= buffers;
            frames++;
        }
        queue.publish();
        return frames;
    }

    private int numBuffers(long headerOffset) {
        int buffers = memory.get(SHORT, headerOffset + NUM_BUFFERS_OFFSET) & 0xffff;
        // Without MRG_RXBUF "the device MUST set num_buffers to 1" (5.1.6.4.1).
        if (buffers < 1 || buffers > (mergeable ? slots.count() : 1)) {
            throw new DeviceFaultException(
                    "num_buffers is %d, expected 1 to %d".formatted(buffers, mergeable ? slots.count() : 1));
        }
        return buffers;
    }

    /** Takes the next used buffer and returns how many bytes the device wrote there. */
    private int take(int slot, int minLengthBytes) {
        int lengthBytes = (int) (queue.usedEntry() >>> 32);
        if (lengthBytes < minLengthBytes || lengthBytes > bufferLengthBytes) {
            throw new DeviceFaultException("used length is %d, expected %d to %d, the buffer's length"
                    .formatted(Integer.toUnsignedLong(lengthBytes), minLengthBytes, bufferLengthBytes));
        }
        slots.giveBack(slot);
        queue.take();
        return lengthBytes;
    }

    private int merge(int buffers) {
        int length = 0;
        for (int i = 0; i < buffers; i++) {
            int slot = slots.named(queue);
            int skipped = i == 0 ? QueueOptions.HEADER_LENGTH : 0;
            int pieceLength = take(slot, skipped) - skipped;
            if (pieceLength > MERGED_CAPACITY_BYTES - length) {
                throw new DeviceFaultException(
                        "a frame of %d buffers is longer than %d bytes".formatted(buffers, MERGED_CAPACITY_BYTES));
            }
            // The header goes along, to where a frame in a single buffer has it.
            MemorySegment.copy(memory, slots.offset(slot), memory, merged + length - skipped, skipped + pieceLength);
            length += pieceLength;
            repost(slot);
        }
        return length;
    }

    private void repost(int slot) {
        if (posting) {
            queue.post(slots.lend(slot));
        } else {
            withheld[withheldCount++] = slot;
        }
    }

    /** Keeps buffers back from now on: a receiver that reads what was sent, but offers no room for more. */
    public void stopPosting() {
        posting = false;
    }

    /** Posts all buffers that the device does not have, and from now on each one as soon as it was read. */
    public void startPosting() {
        posting = true;
        for (int i = 0; i < withheldCount; i++) {
            queue.post(slots.lend(withheld[i]));
        }
        withheldCount = 0;
        queue.publish();
    }

    @Override
    public void close() {
        queue.close();
    }
}

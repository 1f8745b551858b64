package io.ringfence.dataplane.delivery;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.ControlledMessageHandler;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.RingBufferDescriptor;

/**
 * Frames of one sender that wait for one receiver, by value, first in first out.
 *
 * <p>The sender's worker offers; the receiver's worker drains, while it holds the receiver's claim. A frame is taken out
 * only after it is in the receiver's queue, so that a sender that finds the handoff empty and then wins the claim cannot
 * overtake itself.
 */
public final class Handoff implements AutoCloseable {
    /** Small, to stay in the second-level cache: some 40 frames of 1518 bytes, some 700 of 64. */
    private static final int CAPACITY = 64 * 1024;

    /** A message of Agrona's ring may have an eighth of its capacity. */
    private static final int MESSAGES_AT_LEAST = 8;

    private static final int NONE = -1;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment memory;
    private final OneToOneRingBuffer ring;
    private final Drain drain = new Drain();
    private int claimed = NONE;

    /** Creates a handoff for frames of up to so many bytes. */
    public Handoff(int maxFrameLength) {
        int capacity = Math.max(CAPACITY, Integer.highestOneBit((maxFrameLength + 16) * MESSAGES_AT_LEAST - 1) << 1);
        memory = arena.allocate(capacity + RingBufferDescriptor.TRAILER_LENGTH, 128);
        ring = new OneToOneRingBuffer(new UnsafeBuffer(memory.address(), (int) memory.byteSize()));
    }

    /** Sender: copies a frame in; false if there is no room. */
    boolean offer(Frame frame) {
        // A message type must be positive; it carries the flow.
        int index = ring.tryClaim(frame.flow + 1, frame.lengthBytes);
        if (index < 0) {
            return false;
        }
        claimed = index;
        frame.copyTo(memory, index);
        claimed = NONE;
        ring.commit(index);
        return true;
    }

    /** Sender: takes back a frame whose copying was ended by a fault. */
    void abandon() {
        if (claimed != NONE) {
            int index = claimed;
            claimed = NONE;
            ring.abort(index);
        }
    }

    /** Whether the receiver has taken everything. Exact for the sender and for the receiver, who each own one end. */
    boolean isEmpty() {
        return ring.consumerPosition() == ring.producerPosition();
    }

    /**
     * Receiver: takes frames out as long as the sink takes them.
     *
     * @return bytes of the frames taken
     */
    int drain(Sink sink, Frame frame, int frameLimit, int byteLimit) {
        drain.sink = sink;
        drain.frame = frame;
        drain.bytesLeft = byteLimit;
        drain.bytes = 0;
        ring.controlledRead(drain, frameLimit);
        return drain.bytes;
    }

    @Override
    public void close() {
        arena.close();
    }

    /** Where drained frames go. */
    interface Sink {
        /** Takes the frame or drops it; false if it must wait. */
        boolean take(Frame frame);
    }

    private final class Drain implements ControlledMessageHandler {
        @SuppressWarnings("NullAway.Init")
        private Sink sink;

        @SuppressWarnings("NullAway.Init")
        private Frame frame;

        private int bytesLeft;
        private int bytes;

        @Override
        public Action onMessage(int type, MutableDirectBuffer buffer, int index, int length) {
            frame.read(memory, index, length, type - 1);
            if (length > bytesLeft || !sink.take(frame)) {
                return Action.ABORT;
            }
            bytesLeft -= length;
            bytes += length;
            return Action.CONTINUE;
        }
    }
}

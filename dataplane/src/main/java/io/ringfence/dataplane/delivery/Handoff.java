package io.ringfence.dataplane.delivery;

import io.ringfence.dataplane.offload.Offloads;
import io.ringfence.dataplane.telemetry.Latency;
import io.ringfence.scheduler.ProcessMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.agrona.BitUtil;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.ControlledMessageHandler;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.ringbuffer.OneToOneRingBuffer;
import org.agrona.concurrent.ringbuffer.RecordDescriptor;
import org.agrona.concurrent.ringbuffer.RingBuffer;
import org.agrona.concurrent.ringbuffer.RingBufferDescriptor;

/**
 * Frames of one sender that wait for one receiver, by value, first in first out.
 *
 * <p>The sender's worker offers; whoever holds the receiver's claim drains. A frame is taken out
 * only after it is in the receiver's queue, so that a sender that finds the handoff empty and then wins the claim cannot
 * overtake itself.
 */
public final class Handoff implements AutoCloseable {
    /** Small, to stay in the second-level cache: some 40 frames of 1518 bytes, some 700 of 64. */
    private static final int CAPACITY = 64 * 1024;

    /** A message of Agrona's ring may have an eighth of its capacity. */
    private static final int MESSAGES_AT_LEAST = 8;

    /** Of a frame that is too long for the ring: its place among {@link LargeFrames}, and its length. */
    private static final int LARGE_MESSAGE_LENGTH = 2 * Integer.BYTES;

    private static final long NOWHERE = -1;

    /** A message type is a positive int: 4 bits for the flow and one, 2 for its form, the others for when the frame was seen. */
    private static final int FLOW_MASK = 0xf;

    private static final int WITH_REQUEST = 0x10;
    private static final int LARGE = 0x20;
    private static final int SEEN_TYPE_SHIFT = 6;
    private static final int SEEN_MASK = Integer.MAX_VALUE >> SEEN_TYPE_SHIFT;
    /** Units of some microsecond make the time good for half a minute. */
    private static final int SEEN_SHIFT = 10;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment memory;
    private final UnsafeBuffer buffer;
    private final OneToOneRingBuffer ring;
    private final LargeFrames largeFrames;
    private final Drain drain = new Drain();
    private long offeredAt = NOWHERE;
    private int offeredLength;
    private boolean anyTaken;
    private int oldestTaken;

    private final Latency latency;

    /**
     * Creates a handoff.
     *
     * @param maxFrameLength bytes of the longest frame
     * @param latency of the sender's frames
     */
    public Handoff(int maxFrameLength, Latency latency) {
        this.latency = latency;
        int capacity = Math.max(CAPACITY, Integer.highestOneBit((maxFrameLength + 16) * MESSAGES_AT_LEAST - 1) << 1);
        // A network of n members has n (n - 1) of them, of which most never hold a frame.
        int ringLength = capacity + RingBufferDescriptor.TRAILER_LENGTH;
        memory = ProcessMemory.onDemand(ringLength + LargeFrames.memoryLengthBytes(), arena);
        buffer = new UnsafeBuffer(memory.address(), ringLength);
        largeFrames = new LargeFrames(ringLength);
        ring = new OneToOneRingBuffer(buffer);
    }

    /** Sender: copies a frame in; false if there is no room. */
    boolean offer(Frame frame) {
        int copyLength = frame.copyLengthBytes();
        boolean large = copyLength > ring.maxMsgLength();
        int place = LargeFrames.NONE;
        if (large) {
            place = largeFrames.free(ring.consumerPosition());
            if (place == LargeFrames.NONE) {
                return false;
            }
            frame.copyTo(
                    memory, largeFrames.offset(place)); // before anything is claimed: a fault leaves nothing behind
        }
        offeredLength = large ? LARGE_MESSAGE_LENGTH : copyLength;
        offeredAt = ring.producerPosition();
        int index = ring.tryClaim(type(frame, large), offeredLength);
        boolean room = index >= 0;
        if (room) {
            if (large) {
                buffer.putInt(index, place);
                buffer.putInt(index + Integer.BYTES, copyLength);
            } else {
                frame.copyTo(memory, index);
            }
            ring.commit(index);
            if (large) {
                largeFrames.use(place, ring.producerPosition());
            }
        }
        offeredAt = NOWHERE;
        return room;
    }

    private static int type(Frame frame, boolean large) {
        int seen = (int) (frame.seenNanos >> SEEN_SHIFT) & SEEN_MASK;
        int request = frame.needs == Offloads.NONE ? 0 : WITH_REQUEST;
        return seen << SEEN_TYPE_SHIFT | request | (large ? LARGE : 0) | (frame.flow + 1);
    }

    /**
     * Sender: takes back a frame whose copying was ended by a fault.
     *
     * <p>Compiled code learns of a fault a little later than it happens, perhaps inside the ring's own code; so what was
     * reserved is found from the ring's positions. A record never committed would stop the receiver for good.
     */
    void abandon() {
        if (offeredAt == NOWHERE) {
            return;
        }
        long from = offeredAt;
        long to = ring.producerPosition();
        int record = BitUtil.align(offeredLength + RecordDescriptor.HEADER_LENGTH, RecordDescriptor.ALIGNMENT);
        boolean reserved = to - from >= record;
        if (reserved) {
            makePadding(to - record, record);
        }
        // At the end of the buffer the ring skips bytes first, with or without success.
        int skipped = (int) (to - from) - (reserved ? record : 0);
        if (skipped > 0) {
            makePadding(from, skipped);
        }
        offeredAt = NOWHERE;
    }

    private void makePadding(long position, int length) {
        int mask = ring.capacity() - 1;
        int index = (int) position & mask;
        if (buffer.getInt(RecordDescriptor.lengthOffset(index)) > 0) {
            return; // committed before the fault
        }
        int following = (index + length) & mask;
        if (position + length == ring.producerPosition()) {
            buffer.putLong(following, 0); // the receiver stops at a length of 0
        }
        buffer.putInt(RecordDescriptor.typeOffset(index), RingBuffer.PADDING_MSG_TYPE_ID);
        buffer.putIntRelease(RecordDescriptor.lengthOffset(index), length);
    }

    /** Whether the receiver has taken everything. Exact for the sender and for the receiver, who each own one end. */
    boolean isEmpty() {
        return ring.consumerPosition() == ring.producerPosition();
    }

    /**
     * Holder of the claim: takes frames out as long as the sink takes them.
     *
     * @return bytes of the frames taken
     */
    int drain(Sink sink, Frame frame, int frameLimit, int byteLimit) {
        drain.sink = sink;
        drain.frame = frame;
        drain.bytesLeft = byteLimit;
        drain.bytes = 0;
        drain.reachedByteLimit = false;
        long from;
        do {
            from = ring.consumerPosition();
            ring.controlledRead(drain, frameLimit);
        } while (drain.bytes == 0 && ring.consumerPosition() != from); // nothing but padding at the end of the ring
        return drain.bytes;
    }

    /**
     * Holder of the claim: notes how long the frames taken since the last time took, now that they are with the receiver.
     *
     * @param starvedNanos how long ago the receiver last had no room; frames as old as that were held up
     */
    void noteLatency(long nowNanos, long starvedNanos) {
        if (anyTaken) {
            anyTaken = false;
            long nanos = (((nowNanos >> SEEN_SHIFT) - oldestTaken) & SEEN_MASK) << SEEN_SHIFT;
            if (nanos >= starvedNanos) {
                latency.noteHeldUp(nanos);
            } else {
                latency.note(nanos);
            }
        }
    }

    /** Holder of the claim: drops what is left of a sender that has gone; returns how many frames. */
    int discard() {
        int frames = 0;
        long from;
        do {
            from = ring.consumerPosition();
            frames += ring.read((type, ignored, index, length) -> {});
        } while (ring.consumerPosition() != from); // a call ends where the ring does, perhaps with its padding only
        return frames;
    }

    /** Holder of the claim: whether the last {@link #drain} left a frame because it is longer than the bytes left. */
    boolean reachedByteLimit() {
        return drain.reachedByteLimit;
    }

    /** Sender: whether half of it is free, so that a sender that is let in again fills it before it runs empty. */
    boolean isHalfFree() {
        // Not the ring's own size(), which reads both ends again if one has moved: seldom, and then a worker is
        // deoptimised.
        long taken = ring.consumerPosition();
        return ring.producerPosition() - taken <= ring.capacity() / 2 && largeFrames.halfFree(taken);
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
        private boolean reachedByteLimit;

        @Override
        public Action onMessage(int type, MutableDirectBuffer buffer, int index, int messageLength) {
            boolean large = (type & LARGE) != 0;
            long at = large ? largeFrames.offset(buffer.getInt(index)) : index;
            int length = large ? buffer.getInt(index + Integer.BYTES) : messageLength;
            if (length > bytesLeft) {
                reachedByteLimit = true;
                return Action.ABORT;
            }
            int flow = (type & FLOW_MASK) - 1;
            if ((type & WITH_REQUEST) != 0) {
                frame.readWithRequest(memory, at, length, flow);
            } else {
                frame.read(memory, at, length, flow);
            }
            if (!sink.take(frame)) {
                return Action.ABORT;
            }
            if (!anyTaken) {
                anyTaken = true;
                oldestTaken = type >>> SEEN_TYPE_SHIFT;
            }
            bytesLeft -= length;
            bytes += length;
            return Action.CONTINUE;
        }
    }
}

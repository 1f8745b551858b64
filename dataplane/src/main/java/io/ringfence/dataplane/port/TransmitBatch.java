package io.ringfence.dataplane.port;

import io.ringfence.dataplane.delivery.Frame;
import io.ringfence.vhostuser.virtqueue.BufferBatch;
import io.ringfence.vhostuser.virtqueue.BufferChain;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The next frames of a transmit queue with their headers, read ahead into private memory.
 *
 * <p>First all descriptors, then all headers, then frame by frame: the guest's CPU has just written both, and reads that
 * do not depend on each other fetch its cache lines together instead of one after the other. Owned by the worker.
 */
final class TransmitBatch {
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final BufferBatch buffers = new BufferBatch();
    private final long[] virtioHeaders = new long[BufferBatch.CAPACITY];
    private final long[] first = new long[BufferBatch.CAPACITY];
    private final long[] second = new long[BufferBatch.CAPACITY];

    /** Reads ahead; returns how many frames, 0 if the next chain is not of the plain kind. */
    int read(TransmitQueue queue, int limit) {
        int headerLength = queue.headerLength;
        int count = queue.virtqueue.peekPlain(limit, false, headerLength + Frame.PRIVATE_LENGTH, buffers);
        for (int i = 0; i < count; i++) {
            MemorySegment segment = buffers.segment(i);
            long offset = buffers.offset(i);
            virtioHeaders[i] = segment.get(LONG, offset);
            first[i] = segment.get(LONG, offset + headerLength);
            second[i] = segment.get(LONG, offset + headerLength + 8);
        }
        return count;
    }

    /** Loads one of the frames; returns as {@link Frame#parse}. */
    int load(int i, TransmitQueue queue, BufferChain chain, Frame frame) {
        chain.set(buffers, i);
        return frame.take(queue.headerLength, virtioHeaders[i], first[i], second[i], queue.flow);
    }
}

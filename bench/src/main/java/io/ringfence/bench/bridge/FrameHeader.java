package io.ringfence.bench.bridge;

import io.ringfence.vhostuser.virtqueue.BufferChain;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The virtio-net header of a received frame that needs nothing done to it (VIRTIO 1.3, section 5.1.6.4). */
final class FrameHeader {
    private static final int BUFFERS_OFFSET = 10;

    private FrameHeader() {}

    /** Writes it to the beginning of a chain; "The device MUST set num_buffers to the number of descriptors used". */
    static void write(BufferChain chain) {
        int at = 0;
        for (int piece = 0; piece < chain.count() && at < FrameVector.HEADER_LENGTH; piece++) {
            MemorySegment segment = chain.segment(piece);
            long offset = chain.offset(piece);
            for (int i = 0; i < chain.length(piece) && at < FrameVector.HEADER_LENGTH; i++) {
                segment.set(ValueLayout.JAVA_BYTE, offset + i, (byte) (at == BUFFERS_OFFSET ? 1 : 0));
                at++;
            }
        }
    }
}

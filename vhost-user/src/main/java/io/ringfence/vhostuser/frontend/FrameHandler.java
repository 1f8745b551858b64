package io.ringfence.vhostuser.frontend;

import java.lang.foreign.MemorySegment;

/** Takes the frames that a {@link ReceiveQueue} received. */
@FunctionalInterface
public interface FrameHandler {
    /**
     * Takes one whole frame; the {@link QueueOptions#HEADER_LENGTH} bytes before it are its virtio-net header.
     *
     * @param memory the guest's memory; the frame is there until the handler returns
     * @param offset where the frame starts
     */
    void frame(MemorySegment memory, long offset, int lengthBytes);
}

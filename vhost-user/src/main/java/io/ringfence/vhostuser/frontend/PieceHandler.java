package io.ringfence.vhostuser.frontend;

import java.lang.foreign.MemorySegment;

/** Takes the frames that a {@link ReceiveQueue} received, each piece where the device put it. */
@FunctionalInterface
public interface PieceHandler {
    /**
     * Takes the part of a frame that lies in one buffer.
     *
     * @param memory the guest's memory; the piece is there until the handler returns
     * @param offset where the piece starts
     * @param position of its first byte in the frame; before the first piece is the virtio-net header
     * @param last whether the frame ends with it
     */
    void piece(MemorySegment memory, long offset, int lengthBytes, int position, boolean last);
}

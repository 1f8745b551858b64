package io.ringfence.dataplane.delivery;

import io.ringfence.dataplane.offload.OffloadRequest;
import io.ringfence.vhostuser.virtqueue.BufferChain;
import io.ringfence.vhostuser.virtqueue.ChainReader;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Bytes to be written to a receiver in order: first those that are a private copy, the rest from where the sender left them.
 *
 * <p>With the virtio-net header that belongs in front, as 8 bytes and csum_offset. Reused; owned by one worker.
 */
final class Packet {
    final MemorySegment head = Arena.ofAuto().allocate(OffloadRequest.HEAD_CAPACITY, 8);
    /** Where the rest of it is read. */
    final ChainReader body;

    int headLength;
    int lengthBytes;
    long virtioHeader;
    int checksumOffset;
    private int emitted;

    Packet(BufferChain source) {
        body = new ChainReader(source);
    }

    /** Starts {@link #emit} at the first byte; {@link #body} must be behind the private bytes. */
    void rewind() {
        emitted = 0;
    }

    /** Writes the next bytes and moves on. */
    void emit(MemorySegment to, long at, int length) {
        int fromHead = Math.min(length, headLength - emitted);
        if (fromHead > 0) {
            MemorySegment.copy(head, emitted, to, at, fromHead);
            body.copy(to, at + fromHead, length - fromHead);
        } else {
            body.copy(to, at, length);
        }
        emitted += length;
    }
}

package io.ringfence.dataplane.delivery;

import io.ringfence.dataplane.offload.Checksum;
import io.ringfence.dataplane.offload.OffloadRequest;
import io.ringfence.dataplane.offload.Segmentation;
import io.ringfence.vhostuser.virtqueue.BufferChain;
import io.ringfence.vhostuser.virtqueue.ChainReader;
import java.lang.foreign.MemorySegment;

/** The packets that a frame to be cut stands for, one after the other, without a copy of their payload. Owned by one worker. */
final class Segments {
    private final Packet packet;
    private final Segmentation segmentation;
    private final ChainReader payload;
    private boolean withChecksums;

    Segments(BufferChain source) {
        packet = new Packet(source);
        segmentation = new Segmentation(packet.head);
        payload = new ChainReader(source);
    }

    /**
     * Begins with a frame.
     *
     * @param head its private copy
     * @param piece where it starts in its chain, as is {@code offset}
     * @param withChecksums whether to compute checksums; else they are left to the receiver
     */
    void begin(OffloadRequest request, MemorySegment head, int piece, long offset, boolean withChecksums) {
        this.withChecksums = withChecksums;
        segmentation.begin(request, head);
        packet.headLength = segmentation.headerLength();
        packet.virtioHeader = withChecksums ? 0 : segmentation.checksumHeader();
        packet.checksumOffset = withChecksums ? 0 : segmentation.checksumOffset();
        payload.moveTo(piece, offset);
        payload.skip(packet.headLength);
    }

    /** Makes the next packet; false if there is none. */
    boolean next() {
        if (!segmentation.next()) {
            return false;
        }
        int length = segmentation.payloadLength();
        packet.lengthBytes = packet.headLength + length;
        packet.body.moveTo(payload);
        packet.rewind();
        if (withChecksums) {
            segmentation.complete(Checksum.sum(payload, length));
        } else {
            payload.skip(length);
        }
        return true;
    }

    /** What {@link #next} made. */
    Packet packet() {
        return packet;
    }
}

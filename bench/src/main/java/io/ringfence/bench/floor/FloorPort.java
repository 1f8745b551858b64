package io.ringfence.bench.floor;

import io.ringfence.bench.device.QueuePairDevice;
import io.ringfence.vhostuser.virtqueue.BufferChain;
import io.ringfence.vhostuser.virtqueue.Virtqueue;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** One guest's end of a floor switch: queues that one polling thread owns, changed by the session's event loop. */
final class FloorPort extends QueuePairDevice {
    private static final int MTU = 1500;
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int NUM_BUFFERS_OFFSET = 10;
    private static final int BATCH_FRAMES = 32;

    private final BufferChain from = new BufferChain();
    private final BufferChain to = new BufferChain();

    FloorPort() {
        super(MTU);
    }

    @Override
    protected void begun(Virtqueue queue) {
        queue.arm();
        queue.disarm();
    }

    /** Copies what this port's guest has sent to the other's; what finds no buffer stays where it is. */
    void forwardTo(FloorPort other) {
        Virtqueue source = transmitQueue();
        Virtqueue target = other.receiveQueue();
        if (source == null || target == null) {
            return;
        }
        int count = Math.min(BATCH_FRAMES, source.available());
        count = count == 0 ? 0 : Math.min(count, target.available());
        for (int i = 0; i < count; i++) {
            if (!source.peek(0, false, from) || !target.peek(0, true, to)) {
                break;
            }
            target.stage(0, to.head(), copy());
            target.commit(1);
            source.stage(0, from.head(), 0);
            source.commit(1);
        }
        if (count > 0) {
            if (target.publish()) {
                target.call();
            }
            if (source.publish()) {
                source.call();
            }
        }
    }

    /** Copies header and frame, as much as fits; returns how many bytes. */
    private int copy() {
        int length = Math.min(from.lengthBytes(), to.lengthBytes());
        int toPiece = 0;
        int fromPiece = 0;
        int toDone = 0;
        int fromDone = 0;
        for (int done = 0; done < length; ) {
            int part = Math.min(from.length(fromPiece) - fromDone, to.length(toPiece) - toDone);
            MemorySegment.copy(
                    from.segment(fromPiece),
                    from.offset(fromPiece) + fromDone,
                    to.segment(toPiece),
                    to.offset(toPiece) + toDone,
                    part);
            done += part;
            fromDone += part;
            toDone += part;
            if (fromDone == from.length(fromPiece)) {
                fromPiece++;
                fromDone = 0;
            }
            if (toDone == to.length(toPiece)) {
                toPiece++;
                toDone = 0;
            }
        }
        if (to.length(0) >= NUM_BUFFERS_OFFSET + Short.BYTES) {
            to.segment(0).set(SHORT, to.offset(0) + NUM_BUFFERS_OFFSET, (short) 1);
        }
        return length;
    }
}

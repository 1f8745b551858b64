package io.ringfence.vhostuser.frontend;

import io.ringfence.vhostuser.protocol.Features;
import io.ringfence.vhostuser.virtqueue.BufferChain;
import io.ringfence.vhostuser.virtqueue.Virtqueue;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/** What a 64-byte frame costs in the queues alone: driver and device in one thread, no socket. Run by hand. */
final class FrameCost {
    private static final int FRAME = 64;
    private static final int BATCH = 32;
    private static final int FRAMES_PER_ROUND = 4_000_000;
    private static final int ROUNDS = 9;

    private final SharedMemory memory = SharedMemory.create(8 << 20);
    private final DeviceSide device = new DeviceSide(memory);
    private final long template = memory.allocate(FRAME, 64);
    private final BufferChain from = new BufferChain();
    private final BufferChain to = new BufferChain();
    private final TransmitQueue transmit;
    private final ReceiveQueue receive;
    private final Virtqueue source;
    private final Virtqueue sink;
    private long received;

    private FrameCost(QueueOptions options, long features) {
        transmit = new TransmitQueue(memory, options, features);
        receive = new ReceiveQueue(memory, options, features);
        receive.startPosting();
        source = device.queue(transmit.rings().setup(1), features);
        sink = device.queue(receive.rings().setup(0), features);
        source.disarm();
        sink.disarm();
    }

    /** Prints medians. */
    public static void main(String[] arguments) {
        long features = Features.VERSION_1 | Features.EVENT_IDX | Features.NET_MRG_RXBUF | Features.INDIRECT_DESC;
        QueueOptions direct = QueueOptions.ofSize(256).withPolling();
        System.out.printf("64 B, batches of %d, ns per frame (median of %d rounds)%n", BATCH, ROUNDS);
        System.out.printf("direct:                  %s%n", new FrameCost(direct, features).measure());
        System.out.printf(
                "direct, IN_ORDER:        %s%n", new FrameCost(direct, features | Features.IN_ORDER).measure());
        System.out.printf(
                "indirect, 2 descriptors: %s%n", new FrameCost(direct.withIndirectTables(2), features).measure());
    }

    private String measure() {
        double[] transmitOnly = new double[ROUNDS];
        double[] forwarded = new double[ROUNDS];
        for (int round = -2; round < ROUNDS; round++) {
            long start = System.nanoTime();
            for (int i = 0; i < FRAMES_PER_ROUND; i += BATCH) {
                send();
                take();
            }
            long middle = System.nanoTime();
            for (int i = 0; i < FRAMES_PER_ROUND; i += BATCH) {
                send();
                forward();
                receive.poll((segment, offset, length) -> received += length, BATCH);
            }
            if (round >= 0) {
                transmitOnly[round] = (double) (middle - start) / FRAMES_PER_ROUND;
                forwarded[round] = (double) (System.nanoTime() - middle) / FRAMES_PER_ROUND;
            }
        }
        if (received == 0) {
            throw new AssertionError("nothing was received");
        }
        return "transmit + take %.1f; transmit + copy to a receive queue + receive %.1f"
                .formatted(median(transmitOnly), median(forwarded));
    }

    private static double median(double[] values) {
        Arrays.sort(values);
        return values[values.length / 2];
    }

    private void send() {
        MemorySegment segment = memory.segment();
        for (int i = 0; i < BATCH; i++) {
            long offset = transmit.claim(FRAME);
            MemorySegment.copy(segment, template, segment, offset, FRAME);
            transmit.commit();
        }
        transmit.flush();
    }

    private void take() {
        int count = source.available();
        for (int i = 0; i < count; i++) {
            if (!source.peek(i, false, from)) {
                throw new AssertionError("fault " + source.fault());
            }
            source.stage(i, from.head(), 0);
        }
        source.commit(count);
        source.publish();
    }

    private void forward() {
        int count = Math.min(source.available(), sink.available());
        for (int i = 0; i < count; i++) {
            if (!source.peek(i, false, from) || !sink.peek(i, true, to)) {
                throw new AssertionError("fault " + source.fault());
            }
            int length = from.lengthBytes();
            int position = 0;
            for (int piece = 0, target = 0, filled = 0; piece < from.count(); piece++) {
                int pieceLength = from.length(piece);
                if (pieceLength > to.length(target) - filled) {
                    target++;
                    filled = 0;
                }
                MemorySegment.copy(
                        from.segment(piece),
                        from.offset(piece),
                        to.segment(target),
                        to.offset(target) + filled,
                        pieceLength);
                filled += pieceLength;
                position += pieceLength;
            }
            if (position != length) {
                throw new AssertionError("copied " + position);
            }
            to.segment(0).set(ValueLayout.JAVA_SHORT_UNALIGNED, to.offset(0) + 10, (short) 1);
            sink.stage(i, to.head(), length);
            source.stage(i, from.head(), 0);
        }
        source.commit(count);
        sink.commit(count);
        source.publish();
        sink.publish();
    }
}

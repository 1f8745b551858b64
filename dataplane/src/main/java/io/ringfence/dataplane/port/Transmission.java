package io.ringfence.dataplane.port;

import io.ringfence.dataplane.delivery.Frame;
import io.ringfence.dataplane.delivery.FrameBatch;
import io.ringfence.dataplane.telemetry.Counter;
import io.ringfence.dataplane.telemetry.Highest;
import io.ringfence.dataplane.telemetry.Tally;
import io.ringfence.vhostuser.virtqueue.BufferChain;
import io.ringfence.vhostuser.virtqueue.Virtqueue;
import org.jspecify.annotations.Nullable;

/**
 * Takes frames from a VM's transmit queues in bounded batches and brings them on their way.
 *
 * <p>A frame is taken when its used entry is committed, and that is after it has been delivered, handed off or dropped: what
 * must wait stays in the guest's ring. Owned by the VM's worker.
 */
final class Transmission {
    static final int BATCH_FRAMES = Math.clamp(Integer.getInteger("ringfence.visits.batch.frames", 64), 1, 64);
    /** Descriptors of a batch, and at most one frame more: some 10 us of work, however long the guest makes its chains. */
    private static final int BATCH_DESCRIPTORS = 256;
    /** Copies of a batch, which flooding multiplies. */
    private static final int BATCH_COPIES = 128;
    /** Bytes copied of a batch, beyond those that go the way of most: as many as full Ethernet frames come to. */
    private static final int BATCH_COPIED_BYTES = 128 * 1514;

    private final Ingress ingress;
    private final Tally tally;
    private @Nullable SendLimit sendLimit;
    private final Highest mostWaiting;
    private final BufferChain chain = new BufferChain();
    private final Frame frame = new Frame(chain);
    private final FrameBatch batch = new FrameBatch();
    private boolean more;
    private boolean waiting;
    /** The transmit queue whose turn it is when there is not enough for all. */
    private int turn;

    private int batchFrames;
    private long batchBytes;
    /** What a fault would interrupt: the queue, its position, that in the batch, and whether it is one frame by itself. */
    private @Nullable TransmitQueue inHand;

    private int inHandIndex;
    private int inHandFrom;
    private boolean inHandAlone;

    /** @param sendLimit what the VM may send at most; null for no limit */
    Transmission(Ingress ingress, Tally tally, @Nullable SendLimit sendLimit) {
        this.ingress = ingress;
        this.tally = tally;
        this.sendLimit = sendLimit;
        mostWaiting = tally.highest(Counter.MOST_WAITING_FRAMES);
    }

    /** Replaces what the VM may send at most; null for no limit. */
    void limit(@Nullable SendLimit limit) {
        sendLimit = limit;
    }

    /** Takes one batch of each queue; the number of frames taken. */
    int take(TransmitQueue[] queues, long nowNanos) {
        more = false;
        waiting = false;
        if (sendLimit != null) {
            return takeLimited(sendLimit, queues, nowNanos);
        }
        int taken = 0;
        for (TransmitQueue queue : queues) {
            taken += take(queue, nowNanos);
        }
        return taken;
    }

    /** Whether the last {@link #take} left frames that could be taken at once. */
    boolean more() {
        return more;
    }

    /** Whether the last {@link #take} left frames for which somebody else has to do something first. */
    boolean waiting() {
        return waiting;
    }

    /** How long until the VM may send what was left for its limit; 0 if nothing was. */
    long heldBackNanos() {
        return sendLimit == null ? 0 : sendLimit.waitNanos();
    }

    /** Begins anew with other queues. */
    void reset() {
        turn = 0;
        inHand = null;
    }

    /** The queues take turns: the limit is one for all. */
    private int takeLimited(SendLimit limit, TransmitQueue[] queues, long nowNanos) {
        limit.begin(nowNanos);
        int taken = 0;
        int count = queues.length;
        int first = turn;
        for (int i = 0; i < count && limit.waitNanos() == 0; i++) {
            turn = (first + i) % count;
            int frames = take(queues[turn], nowNanos);
            taken += frames;
            if (limit.waitNanos() > 0) {
                tally.add(Counter.LIMITED_VISITS, 1);
                for (TransmitQueue held : queues) {
                    held.arrivals.heldUp();
                }
                // A queue that got nothing is the first to get something; then its frame fits, however long it is.
                turn = frames == 0 ? turn : (turn + 1) % count;
            }
        }
        return taken;
    }

    /** Takes one batch of a queue; the number of frames taken. */
    private int take(TransmitQueue queue, long nowNanos) {
        Virtqueue virtqueue = queue.virtqueue;
        int ready = virtqueue.available();
        if (ready == 0) {
            return 0;
        }
        queue.arrivals.saw(virtqueue.nextAvailable() + ready, nowNanos);
        frame.seen(queue.arrivals.oldestNanos());
        mostWaiting.note(ready);
        int limit = Math.min(ready, BATCH_FRAMES);
        SendLimit limited = queue.enabled ? sendLimit : null;
        if (limited != null) {
            limit = limited.admit(limit);
        }
        int taken = 0;
        int descriptors = 0;
        int copies = 0;
        long copiedBytes = 0;
        batchFrames = 0;
        batchBytes = 0;
        batch.forget();
        inHand = queue;
        while (taken < limit
                && descriptors < BATCH_DESCRIPTORS
                && copies < BATCH_COPIES
                && copiedBytes < BATCH_COPIED_BYTES) {
            if (batch.isEmpty()) {
                batch.read(virtqueue, queue.headerLength, queue.offloads, limit - taken);
            }
            inHandIndex = virtqueue.nextAvailable();
            inHandFrom = batch.next();
            inHandAlone = false;
            int gone = queue.enabled && !batch.isEmpty() ? forwardAlike(queue, limited, nowNanos) : 0;
            if (gone > 0) {
                taken += gone;
                descriptors += gone;
                copies += gone;
                batchFrames = taken;
                continue;
            }
            int parsed;
            if (!batch.isEmpty()) {
                parsed = batch.load(queue.flow, chain, frame);
            } else if (virtqueue.peek(0, false, chain)) {
                parsed = frame.parse(queue.headerLength, queue.flow, queue.offloads);
            } else {
                break;
            }
            inHandAlone = true;
            descriptors += chain.descriptors();
            if (!queue.enabled) {
                tally.add(Counter.DROPPED_QUEUE_DISABLED, 1);
            } else if (parsed != Frame.PARSED) {
                tally.add(parsed == Frame.RUNT ? Counter.DROPPED_RUNT : Counter.DROPPED_BAD_OFFLOAD, 1);
            } else if (limited != null && !limited.take(frame.segments(), frame.packetBytes())) {
                break;
            } else if (!ingress.forward(frame, nowNanos)) {
                waiting = true;
                if (limited != null) {
                    limited.putBack(frame.segments(), frame.packetBytes());
                }
                queue.arrivals.heldUp();
                break;
            } else {
                copies += ingress.copies();
                copiedBytes += ingress.copiedBytes();
                batchBytes += frame.lengthBytes();
                if (frame.segments() > 1) {
                    tally.add(Counter.TRANSMITTED_SEGMENTS, frame.segments() - 1);
                }
            }
            virtqueue.stage(0, chain.head(), 0);
            virtqueue.commit(1);
            batchFrames = ++taken;
        }
        inHand = null;
        if (taken > 0) {
            countBatch();
            if (virtqueue.publish()) {
                virtqueue.call();
            }
        }
        more |= taken > 0 && taken < ready && !waiting && heldBackNanos() == 0;
        return taken;
    }

    /** Takes the next frames read ahead, as long as they are alike, can be delivered at once and fit the limit; how many. */
    private int forwardAlike(TransmitQueue queue, @Nullable SendLimit limited, long nowNanos) {
        if (limited != null) {
            int fitting = limited.fitting(batch);
            if (fitting == 0) {
                return 0;
            }
            batch.cut(fitting);
        }
        long before = batch.skippedBytes();
        int gone = ingress.forward(batch, queue.flow, nowNanos);
        if (gone > 0) {
            long bytes = batch.skippedBytes() - before;
            queue.virtqueue.stage(batch.buffers(), batch.next() - gone, gone);
            queue.virtqueue.commit(gone);
            batchBytes += bytes;
            if (limited != null) {
                limited.take(gone, bytes);
            }
        }
        return gone;
    }

    /** Counts what was taken of the batch so far. */
    void countBatch() {
        tally.add(Counter.TRANSMITTED_FRAMES, batchFrames);
        tally.add(Counter.TRANSMITTED_BYTES, batchBytes);
        batchFrames = 0;
        batchBytes = 0;
    }

    /**
     * Gives up the frame whose delivery ended in a fault: copies of it may be out already. Of frames that were delivered
     * together, those that are with the receiver are given back to the guest; the others stay for the next visit.
     */
    void dropInHand() {
        TransmitQueue queue = inHand;
        inHand = null;
        if (queue == null || queue.virtqueue.nextAvailable() != inHandIndex) {
            return;
        }
        if (inHandAlone) {
            queue.virtqueue.stage(0, chain.head(), 0);
            queue.virtqueue.commit(1);
            tally.add(Counter.TRANSMITTED_FRAMES, 1);
            tally.add(Counter.DROPPED_MEMORY_LOST, 1);
        } else {
            int gone = batch.next() - inHandFrom;
            queue.virtqueue.stage(batch.buffers(), inHandFrom, gone);
            queue.virtqueue.commit(gone);
            tally.add(Counter.TRANSMITTED_FRAMES, gone);
        }
        if (queue.virtqueue.publish()) {
            queue.virtqueue.call();
        }
    }
}

package io.ringfence.dataplane.port;

import io.ringfence.dataplane.delivery.Frame;
import io.ringfence.dataplane.delivery.FrameBatch;
import io.ringfence.dataplane.telemetry.Counter;
import io.ringfence.dataplane.telemetry.Highest;
import io.ringfence.dataplane.telemetry.Tally;
import io.ringfence.vhostuser.memory.GuestMemory;
import io.ringfence.vhostuser.virtqueue.BufferChain;
import io.ringfence.vhostuser.virtqueue.Virtqueue;
import org.jspecify.annotations.Nullable;

/**
 * Takes frames from a VM's transmit queues in bounded batches and brings them on their way.
 *
 * <p>The bounds are those of a batch, over all queues: the worker looks at its budget after each. A queue that goes first has a whole
 * batch to itself, those behind it have what it leaves, and the one with which the batch ends goes first next time. So a queue
 * that always has frames gets one to two batches while each of the others has its turn.
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
    /** The transmit queue that goes first in the next batch. */
    private int turn;
    /** Queues in a row from which nothing could be taken: once these are all, nothing can be. */
    private int barren;
    /** What the batch has come to so far, over all queues. */
    private int frames;

    private int descriptors;
    private int copies;
    private long copiedBytes;

    /** The part of it that is not counted yet. */
    private int uncountedFrames;

    private long uncountedBytes;
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

    /** Takes one batch, of these queues in turn; the number of frames taken. */
    int take(TransmitQueue[] queues, long nowNanos) {
        more = false;
        waiting = false;
        frames = 0;
        descriptors = 0;
        copies = 0;
        copiedBytes = 0;
        if (sendLimit != null) {
            sendLimit.begin(nowNanos);
        }
        int count = queues.length;
        int next = turn;
        int looked = 0;
        int taken = 0;
        while (looked < count && !isFull() && heldBackNanos() == 0) {
            turn = next;
            next = next + 1 == count ? 0 : next + 1;
            taken = take(queues[turn], nowNanos);
            barren = taken > 0 ? 0 : barren + 1;
            looked++;
        }
        if (heldBackNanos() > 0) {
            tally.add(Counter.LIMITED_VISITS, 1);
            for (TransmitQueue held : queues) {
                held.arrivals.heldUp();
            }
            // The limit is one for all queues. One that got nothing is the first to get something; then its frame fits,
            // however long it is.
            turn = taken == 0 ? turn : next;
        } else {
            boolean goesOn = more && looked > 1; // its share was what others had left
            more |= barren < count && anyBeyond(queues, next, looked, nowNanos);
            turn = goesOn ? turn : next;
        }
        barren = more ? barren : 0;
        return frames;
    }

    private boolean isFull() {
        return frames >= BATCH_FRAMES
                || descriptors >= BATCH_DESCRIPTORS
                || copies >= BATCH_COPIES
                || copiedBytes >= BATCH_COPIED_BYTES;
    }

    /** Whether there are frames in the queues to which the batch did not come: they wait from now on. */
    private static boolean anyBeyond(TransmitQueue[] queues, int from, int looked, long nowNanos) {
        boolean any = false;
        int at = from;
        for (int i = looked; i < queues.length; i++) {
            any |= queues[at].look(nowNanos) > 0;
            at = at + 1 == queues.length ? 0 : at + 1;
        }
        return any;
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
        barren = 0;
        inHand = null;
        ingress.forgetWaiting();
    }

    /** Takes as many frames of a queue as the batch has room for; the number of frames taken. */
    private int take(TransmitQueue queue, long nowNanos) {
        int ready = queue.look(nowNanos);
        if (ready == 0) {
            return 0;
        }
        Virtqueue virtqueue = queue.virtqueue;
        frame.seen(queue.arrivals.oldestNanos());
        mostWaiting.note(ready);
        int limit = Math.min(ready, BATCH_FRAMES - frames);
        SendLimit limited = queue.enabled ? sendLimit : null;
        if (limited != null) {
            limit = limited.admit(limit);
        }
        int taken = 0;
        boolean waits = false;
        uncountedFrames = 0;
        uncountedBytes = 0;
        batch.forget();
        inHand = queue;
        while (taken < limit && !isFull()) {
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
                uncountedFrames = taken;
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
                waits = true;
                if (limited != null) {
                    limited.putBack(frame.segments(), frame.packetBytes());
                }
                queue.arrivals.heldUp();
                break;
            } else {
                copies += ingress.copies();
                copiedBytes += ingress.copiedBytes();
                uncountedBytes += frame.lengthBytes();
                if (frame.segments() > 1) {
                    tally.add(Counter.TRANSMITTED_SEGMENTS, frame.segments() - 1);
                }
            }
            virtqueue.stage(0, chain.head(), 0);
            virtqueue.commit(1);
            uncountedFrames = ++taken;
        }
        inHand = null;
        if (taken > 0) {
            countBatch();
            if (virtqueue.publish()) {
                virtqueue.call();
            }
        }
        frames += taken;
        waiting |= waits;
        more |= taken > 0 && taken < ready && !waits && heldBackNanos() == 0;
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
            uncountedBytes += bytes;
            if (limited != null) {
                limited.take(gone, bytes);
            }
        }
        return gone;
    }

    /** Whether an access to the frames read last would fault. For after a fault. */
    boolean faults(GuestMemory memory) {
        return chain.faults(memory, false) || batch.buffers().faults(memory, false);
    }

    /** Counts what was taken of the batch so far. */
    void countBatch() {
        tally.add(Counter.TRANSMITTED_FRAMES, uncountedFrames);
        tally.add(Counter.TRANSMITTED_BYTES, uncountedBytes);
        uncountedFrames = 0;
        uncountedBytes = 0;
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
        ingress.forgetWaiting();
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

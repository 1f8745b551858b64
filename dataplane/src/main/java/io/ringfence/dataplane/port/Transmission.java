package io.ringfence.dataplane.port;

import io.ringfence.dataplane.delivery.Frame;
import io.ringfence.dataplane.delivery.FrameBatch;
import io.ringfence.dataplane.telemetry.Counter;
import io.ringfence.dataplane.telemetry.Tally;
import io.ringfence.vhostuser.memory.GuestMemory;
import io.ringfence.vhostuser.memory.MemoryProbe;
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
    /** No position of a queue. */
    private static final int NOT_YET = -1;

    private final Ingress ingress;
    private final BatchCost cost;
    private final Tally tally;
    private @Nullable SendLimit sendLimit;
    private final BufferChain chain = new BufferChain();
    private final Frame frame = new Frame(chain);
    private final FrameBatch batch = new FrameBatch();
    private boolean more;
    private boolean waiting;
    /** The transmit queue that goes first in the next batch. */
    private int turn;
    /** Queues in a row from which nothing could be taken: once these are all, nothing can be. */
    private int barren;
    /** Whether the last queue ends in the middle of a frame for everybody, or with one for which somebody else has to do something. */
    private boolean unfinished;

    private boolean waits;

    /** What a fault would interrupt: the queue, its position, that in the batch, and whether it is one frame by itself. */
    private @Nullable TransmitQueue inHand;

    /** Up to where the frames taken of that queue are counted. */
    private int countedIndex;

    private long uncountedBytes;
    private int inHandIndex;
    private int inHandFrom;
    private boolean inHandAlone;
    /** Whether any frame was: a fault that none gets past is not another's. */
    private boolean takenSinceFault;

    /**
     * @param cost what a batch comes to; the same that {@code ingress} adds to
     * @param sendLimit what the VM may send at most; null for no limit
     */
    Transmission(Ingress ingress, BatchCost cost, Tally tally, @Nullable SendLimit sendLimit) {
        this.ingress = ingress;
        this.cost = cost;
        this.tally = tally;
        this.sendLimit = sendLimit;
    }

    /** Replaces what the VM may send at most; null for no limit. */
    void limit(@Nullable SendLimit limit) {
        sendLimit = limit;
    }

    /** Takes one batch, of these queues in turn; the number of frames taken. */
    int take(TransmitQueue[] queues, long nowNanos) {
        more = false;
        waiting = false;
        cost.begin();
        if (sendLimit != null) {
            sendLimit.begin(nowNanos);
        }
        int count = queues.length;
        int next = turn;
        int looked = 0;
        int taken = 0;
        while (looked < count && !cost.isEnough() && heldBackNanos() == 0) {
            turn = next;
            next = next + 1 == count ? 0 : next + 1;
            taken = take(queues[turn], nowNanos);
            barren = taken > 0 || unfinished ? 0 : barren + 1;
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
        return cost.frames();
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

    /**
     * Calls drivers for what {@link #take} has published, if they want that. When the receivers see the frames: a call to the kernel
     * that wakes somebody would keep them waiting.
     */
    void callDrivers(TransmitQueue[] queues) {
        for (TransmitQueue queue : queues) {
            queue.callIfDue();
        }
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
        takenSinceFault = true;
        ingress.forgetWaiting();
    }

    /** Takes as many frames of a queue as the batch has room for; the number of frames taken. */
    private int take(TransmitQueue queue, long nowNanos) {
        unfinished = false;
        int ready = queue.look(nowNanos);
        if (ready == 0) {
            return 0;
        }
        Virtqueue virtqueue = queue.virtqueue;
        frame.seen(queue.arrivals.oldestNanos());
        int limit = Math.min(ready, BatchCost.FRAMES - cost.frames());
        SendLimit limited = queue.enabled ? sendLimit : null;
        if (limited != null) {
            limit = limited.admit(limit);
        }
        int taken = 0;
        waits = false;
        uncountedBytes = 0;
        batch.forget();
        countedIndex = virtqueue.nextAvailable();
        inHandIndex = NOT_YET;
        inHand = queue;
        while (taken < limit && !cost.isEnough()) {
            if (batch.isEmpty()) {
                batch.forget(); // begins anew, for whoever finds it in hand
            }
            inHandIndex = virtqueue.nextAvailable();
            inHandFrom = batch.next();
            inHandAlone = false;
            ingress.begin();
            if (batch.isEmpty()) {
                batch.read(virtqueue, queue.headerLength, queue.offloads, limit - taken);
            }
            int gone = queue.enabled && !batch.isEmpty() ? forwardAlike(queue, limited, nowNanos) : 0;
            if (gone == 0) {
                gone = forwardAlone(queue, limited, nowNanos);
            }
            if (gone == 0) {
                break;
            }
            taken += gone;
        }
        if (taken > 0) {
            countBatch();
        }
        inHand = null;
        if (taken > 0) {
            queue.publish();
        }
        cost.taken(taken);
        waiting |= waits;
        more |= unfinished || (taken > 0 && taken < ready && !waits && heldBackNanos() == 0);
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
        if (cost.bytesLeft() < (long) batch.left() * ingress.maxFrameLength()) {
            batch.cut(Math.max(1, batch.within(cost.bytesLeft())));
        }
        long before = batch.skippedBytes();
        int gone = ingress.forward(batch, queue.flow, nowNanos);
        if (gone > 0) {
            long bytes = batch.skippedBytes() - before;
            queue.virtqueue.stage(batch.buffers(), batch.next() - gone, gone);
            queue.virtqueue.commit(gone);
            uncountedBytes += bytes;
            cost.delivered(gone, bytes);
            if (limited != null) {
                limited.take(gone, bytes);
            }
        }
        return gone;
    }

    /** Takes the next frame by itself; 0 if it stays, or cannot be read, else 1. */
    private int forwardAlone(TransmitQueue queue, @Nullable SendLimit limited, long nowNanos) {
        Virtqueue virtqueue = queue.virtqueue;
        int parsed;
        if (!batch.isEmpty()) {
            parsed = batch.load(queue.flow, chain, frame);
        } else if (virtqueue.peek(0, false, chain)) {
            parsed = frame.parse(queue.headerLength, queue.flow, queue.offloads);
        } else {
            return 0;
        }
        inHandAlone = true;
        cost.read(chain.descriptors());
        if (!queue.enabled) {
            tally.add(Counter.DROPPED_QUEUE_DISABLED, 1);
        } else if (parsed != Frame.PARSED) {
            tally.add(parsed == Frame.RUNT ? Counter.DROPPED_RUNT : Counter.DROPPED_BAD_OFFLOAD, 1);
        } else if (!forward(queue, limited, nowNanos)) {
            return 0;
        }
        virtqueue.stage(0, chain.head(), 0);
        virtqueue.commit(1);
        ingress.finished(queue.flow);
        return 1;
    }

    /** Brings the parsed frame on its way; false if it stays. */
    private boolean forward(TransmitQueue queue, @Nullable SendLimit limited, long nowNanos) {
        if (limited != null && !limited.take(frame.segments(), frame.packetBytes())) {
            return false;
        }
        if (!ingress.forward(frame, nowNanos)) {
            unfinished = ingress.isUnfinished(queue.flow);
            waits = !unfinished;
            if (limited != null) {
                limited.putBack(frame.segments(), frame.packetBytes());
            }
            if (waits) {
                queue.arrivals.heldUp();
            }
            return false;
        }
        uncountedBytes += frame.lengthBytes();
        if (frame.segments() > 1) {
            tally.add(Counter.TRANSMITTED_SEGMENTS, frame.segments() - 1);
            if (ingress.lost()) {
                tally.add(Counter.DROPPED_SEGMENTS, frame.segments() - 1 - ingress.broughtOfLost());
            }
        }
        return true;
    }

    /** Whether an access to the frames read last would fault. For after a fault. */
    boolean faults(GuestMemory memory, MemoryProbe probe) {
        return chain.faults(memory, probe, false) || batch.buffers().faults(memory, probe, 0, false);
    }

    /** Counts what was taken of the batch so far: what is committed, for compiled code may learn of a fault right after that. */
    void countBatch() {
        TransmitQueue queue = inHand;
        if (queue == null) {
            return;
        }
        int next = queue.virtqueue.nextAvailable();
        int frames = (next - countedIndex) & 0xffff;
        countedIndex = next;
        takenSinceFault |= frames > 0;
        tally.add(Counter.TRANSMITTED_FRAMES, frames);
        tally.add(Counter.TRANSMITTED_BYTES, uncountedBytes);
        uncountedBytes = 0;
    }

    /**
     * Gives up the frame whose delivery ended in a fault: copies of it may be out already. Of frames that were delivered
     * together, those that are with the receiver are given back to the guest, or the first is given up; the others stay for
     * the next visit. Shows the guest all that it is given back, for compiled code may learn of the fault after that is committed.
     *
     * @param queues all of the VM
     * @return false if no frame was taken since the last fault, this one included
     */
    boolean dropInHand(TransmitQueue[] queues) {
        TransmitQueue queue = inHand;
        inHand = null;
        if (queue != null) {
            ingress.forgetWaiting();
            if (queue.virtqueue.nextAvailable() == inHandIndex) {
                giveUp(queue);
            }
        }
        for (TransmitQueue each : queues) {
            each.publish();
            each.callIfDue();
        }
        boolean progress = takenSinceFault;
        takenSinceFault = false;
        return progress;
    }

    /** After a fault that ends the session: counts the frames in hand that are with their receivers. Their queues are left alone. */
    void countInHand() {
        TransmitQueue queue = inHand;
        inHand = null;
        if (queue != null && queue.virtqueue.nextAvailable() == inHandIndex) {
            tally.add(Counter.TRANSMITTED_FRAMES, broughtInHand());
        }
    }

    /** Of the frames that a fault has interrupted, those that are with their receivers. */
    private int broughtInHand() {
        return inHandAlone ? (ingress.brought() ? 1 : 0) : Math.max(batch.next(), ingress.broughtUntil()) - inHandFrom;
    }

    private void giveUp(TransmitQueue queue) {
        int gone = broughtInHand();
        if (inHandAlone) {
            queue.virtqueue.stage(0, chain.head(), 0);
        } else if (gone > 0) {
            queue.virtqueue.stage(batch.buffers(), inHandFrom, gone);
        } else if (inHandFrom < batch.buffers().count()) {
            queue.virtqueue.stage(batch.buffers(), inHandFrom, 1);
        } else {
            return; // not even read
        }
        queue.virtqueue.commit(Math.max(1, gone));
        tally.add(Counter.TRANSMITTED_FRAMES, Math.max(1, gone));
        tally.add(Counter.DROPPED_MEMORY_LOST, gone > 0 ? 0 : 1);
        takenSinceFault = true;
    }
}

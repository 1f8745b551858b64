package io.ringfence.dataplane.delivery;

import io.ringfence.dataplane.telemetry.Counter;
import io.ringfence.dataplane.telemetry.Tally;
import io.ringfence.scheduler.NativeThread;
import io.ringfence.vhostuser.memory.MemoryProbe;
import java.util.Arrays;

/**
 * How one worker brings its VM's frames to the other members of the network: straight into their receive queues, or
 * into a handoff when somebody else is filling those just now.
 *
 * <p>Owned by the worker. A claim, once won, is kept until {@link #finish} at the end of the batch, so that a batch
 * publishes once and calls the guest once.
 */
public final class Delivery {
    /** Descriptors that a sender spends on one frame for somebody else's buffers; dearer frames are the receiver's to place. */
    static final int DIRECT_DESCRIPTOR_LIMIT = 64;

    /**
     * Frames that a worker takes in at the end of a batch for those who came while it held their receivers' claims, for it alone
     * has kept them waiting: of all receivers together, or its budget would pay for as many floods as there are members.
     */
    private static final int HELPED_FRAMES = 16;

    /** So often a batch tries to take in what others have handed off before it goes on, {@value #HELPED_FRAMES} frames at most. */
    private static final int CLEARS_PER_BATCH = 4;

    /**
     * Pieces of the receivers' memory that a sender asks about after a fault: some 100 us. What was in hand of one receiver is fewer,
     * unless that one means to have others spend their time.
     */
    private static final int PIECES_ASKED = 128;

    private final int member;
    private final Tally tally;
    private final FrameWriter writer;
    private final HeldClaims claims;
    private Peers peers;
    /** Frames of this batch that were not delivered but handed off or dropped, by receiver: so many we take in instead. */
    private int[] due;
    /** Bytes of those of them that were handed off. */
    private long dueBytes;

    private int packets;
    private int descriptors;
    /** Whether the frame at hand, and up to where the batch, is counted as received: a fault may interrupt the sender before it is told. */
    private boolean brought;

    private int broughtUntil;
    /** How often this batch may still do so. */
    private int clearsLeft = CLEARS_PER_BATCH;

    private boolean anyDue;
    /** That have struck this worker so far. */
    private int faults;

    /**
     * @param member index of the sending VM in its network
     * @param peers the other members
     * @param tally counts for the sender
     */
    public Delivery(int member, Peers peers, Tally tally) {
        this.member = member;
        this.peers = peers;
        this.tally = tally;
        claims = new HeldClaims(Claim.strangeHolder(member), peers);
        writer = new FrameWriter(tally);
        due = new int[peers.indexes()];
    }

    /** The thread by which claims know this worker from now on; between two visits. */
    public void heldBy(int threadId) {
        claims.heldBy(threadId);
    }

    /** Delivers to these from now on; between two visits, when nothing is held. */
    public void deliverTo(Peers next) {
        peers = next;
        claims.know(next);
        due = Arrays.copyOf(due, next.indexes());
    }

    /**
     * Delivers one frame, or hands it off if somebody else is filling the receiver's queues, or its buffers are too dear.
     *
     * @return {@link Delivered#DONE}, {@link Delivered#NO_BUFFERS}, {@link Delivered#ABSENT}, {@link Delivered#NO_ROOM} or
     *     {@link Delivered#FULL}; in all but the first case nothing of the frame is anywhere
     */
    public int deliver(Frame frame, ReceiveSide to) {
        packets = 1;
        descriptors = 0;
        if (!to.open()) {
            return Delivered.ABSENT;
        }
        if (isBehindBacklog(to, 1) || !hold(to, 1)) {
            return handOff(frame, to);
        }
        ReceiveQueue queue = to.queues.of(frame.flow);
        if (queue == null) {
            return Delivered.ABSENT;
        }
        int outcome = writer.write(queue, frame, DIRECT_DESCRIPTOR_LIMIT);
        packets = writer.packets();
        descriptors = writer.descriptors();
        brought = outcome == Delivered.DONE;
        to.queues.countReceived(packets, writer.bytes());
        if (outcome == Delivered.DONE) {
            return Delivered.DONE;
        }
        if (outcome == Delivered.TOO_DEAR) {
            to.backlog.leaveToOwner();
            return handOff(frame, to);
        }
        if (outcome == Delivered.ABSENT) {
            to.noteQueueFault(queue);
        }
        return outcome;
    }

    /**
     * Delivers the next frames of a batch as long as they are alike, if nothing is in the way: no backlog, the claim, plain
     * buffers that hold them.
     *
     * @param flow index of the queue pair they came by
     * @param maxLength bytes of the longest frame allowed
     * @return how many; the one after them is for {@link #deliver(Frame, ReceiveSide)}
     */
    public int deliver(FrameBatch frames, int flow, int maxLength, ReceiveSide to) {
        if (!to.open() || isBehindBacklog(to, frames.left()) || !hold(to, frames.left())) {
            return 0;
        }
        ReceiveQueue queue = to.queues.of(flow);
        if (queue == null || queue.headerLength != FrameBatch.HEADER_LENGTH) {
            return 0;
        }
        int first = frames.next();
        while (!frames.isEmpty() && queue.readAhead(FrameBatch.HEADER_LENGTH)) {
            int copied = frames.copyTo(first, queue.ahead, queue.aheadNext, maxLength, queue.offloads);
            queue.useAhead(copied);
            broughtUntil = frames.next() + copied;
            to.queues.countReceived(copied, frames.copiedBytes());
            frames.skip(copied);
            if (queue.aheadNext < queue.ahead.count()) {
                break; // the next frame is not like these, or its buffer is too short
            }
        }
        return frames.next() - first;
    }

    /**
     * Behind a backlog everybody queues, so that a flood cannot overtake a neighbour's waiting frames. But what waits for a claim
     * only is taken in first if the claim is free or this worker's own: else senders on several CPUs, of which each finds frames
     * of the others waiting, would all queue for as long as they have something to send.
     */
    private boolean isBehindBacklog(ReceiveSide to, int frames) {
        if (!to.backlogged()) {
            return false;
        }
        if (to.starved() || clearsLeft == 0) {
            return true;
        }
        clearsLeft--; // also for a claim that is not had: not every frame of a batch is to try it
        if (!claims.has(to) && !take(to, frames)) {
            return true;
        }
        int ignored = to.backlog.help(HELPED_FRAMES, Backlog.BYTES_PER_HELP);
        return to.backlogged();
    }

    /** The sender knows of all frames that are with their receivers. */
    public void noneBrought() {
        brought = false;
        broughtUntil = 0;
    }

    /** After a fault: whether the frame delivered last is with its receiver, which counts what becomes of it. */
    public boolean brought() {
        return brought;
    }

    /** After a fault: the same of a batch, up to this position. */
    public int broughtUntil() {
        return broughtUntil;
    }

    /** Packets that the last frame delivered by itself became. */
    public int packets() {
        return packets;
    }

    /** Descriptors of its receiver that were read for it. */
    public int descriptors() {
        return descriptors;
    }

    private boolean hold(ReceiveSide to, int frames) {
        if (claims.has(to)) {
            return true;
        }
        // Frames of ours that wait there must not be overtaken. Ours is the only hand that fills that handoff.
        if (!peers.handoffTo(to).isEmpty()) {
            return false;
        }
        return take(to, frames);
    }

    private boolean take(ReceiveSide to, int frames) {
        boolean taken = claims.take(to, frames);
        if (!taken) {
            tally.add(Counter.CLAIMS_MISSED, 1);
        }
        return taken;
    }

    /**
     * Leaves a frame for whoever holds the receiver's claim next: perhaps this worker, at the end of the batch.
     *
     * @return {@link Delivered#DONE} or {@link Delivered#FULL}
     */
    public int handOff(Frame frame, ReceiveSide to) {
        if (!peers.handoffTo(to).offer(frame)) {
            to.signs.markWaiting(frame.flow);
            return Delivered.FULL;
        }
        brought = true;
        to.signs.markBacklogged(member);
        to.signs.markWaiting(frame.flow);
        takeInLater(to);
        dueBytes += frame.lengthBytes();
        tally.add(Counter.HANDED_OFF_FRAMES, 1);
        return Delivered.DONE;
    }

    /** Whether at least half of the handoff from us to the receiver is free; if not, the end of the batch helps that along. */
    public boolean drained(ReceiveSide to) {
        boolean drained = peers.handoffTo(to).isHalfFree();
        if (!drained) {
            takeInLater(to);
        }
        return drained;
    }

    private void takeInLater(ReceiveSide to) {
        due[to.member()]++;
        anyDue = true;
    }

    /**
     * Publishes and releases everything held, at the end of each batch. Before that it takes in what was handed off, as far as
     * that is a sender's business and within bounds for all receivers together; for the rest it rings.
     */
    public void finish() {
        if (anyDue) {
            anyDue = false;
            holdWhereDue();
        }
        claims.endBatch();
        clearsLeft = CLEARS_PER_BATCH;
        int framesLeft = HELPED_FRAMES;
        long bytesLeft = Backlog.BYTES_PER_HELP + dueBytes;
        dueBytes = 0;
        for (int i = 0; i < claims.count(); i++) {
            ReceiveSide to = claims.get(i);
            int receiver = to.member();
            if (to.backlogged()) {
                int helped = to.backlog.help(due[receiver] + framesLeft, bytesLeft);
                framesLeft -= Math.max(0, helped - due[receiver]);
                bytesLeft -= to.backlog.takenBytes();
            }
            due[receiver] = 0;
            to.queues.publish();
            claims.letGo(i);
        }
        claims.noneLeft();
    }

    /** Where the claim is still held by another, that one looks after our frames when it lets go: we look again whether it did. */
    private void holdWhereDue() {
        for (int i = 0; i < due.length; i++) {
            ReceiveSide to = due[i] == 0 ? null : peers.receiver(i);
            if (to == null || claims.has(to) || claims.tryTake(to)) {
                continue;
            }
            if (peers.handoffTo(to).isEmpty() || to.starved()) {
                due[i] = 0;
            } else {
                anyDue = true;
            }
        }
    }

    /** Whether frames of ours wait for a claim that was held by another when the last batch ended. */
    public boolean waitsForClaim() {
        return anyDue;
    }

    /**
     * Waits for the claims that frames of ours wait for, lends this worker's deadline to their holders meanwhile, and takes
     * those frames in. In place of a batch; it blocks in native code.
     *
     * @param self the calling thread's
     * @param untilNanos when to give up and leave them to the holders, as {@link System#nanoTime}
     * @return false if a claim was not had in time
     */
    public boolean lend(NativeThread self, long untilNanos) {
        anyDue = false;
        boolean all = true;
        for (int i = 0; i < due.length; i++) {
            ReceiveSide to = due[i] == 0 ? null : peers.receiver(i);
            if (to == null || !claims.takeLending(to, self, untilNanos)) {
                all &= to == null;
                due[i] = 0;
            }
        }
        finish();
        return all;
    }

    /**
     * After a fault anywhere in this worker: gives up everything held, and shuts those receivers whose memory is found gone.
     *
     * @return whether frames were being brought to anybody, so that the fault may be of that one's memory, also if it is found
     *     sound now
     */
    public boolean recover() {
        MemoryProbe probe = new MemoryProbe(PIECES_ASKED);
        boolean brought = claims.takeRecentAgain();
        ReceiveSide[] others = peers.others();
        int first = faults++; // with another one each time: the probe may not last for all
        for (int i = 0; i < others.length; i++) {
            ReceiveSide to = others[Math.floorMod(first + i, others.length)];
            due[to.member()] = 0;
            brought |= giveUp(to, probe);
        }
        finish();
        return brought;
    }

    /** Whether the claim was held. */
    private boolean giveUp(ReceiveSide to, MemoryProbe probe) {
        Handoff handoff = peers.handoffTo(to);
        handoff.abandon();
        if (!handoff.isEmpty()) {
            to.signs.markBacklogged(member);
            to.signs.markAllWaiting();
        }
        boolean held = claims.isHolder(to);
        if (held) {
            to.backlog.abandon(writer, probe);
            to.claim.release();
        }
        to.ring();
        return held;
    }
}

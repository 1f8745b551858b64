package io.ringfence.dataplane.delivery;

import io.ringfence.dataplane.telemetry.Counter;
import io.ringfence.dataplane.telemetry.Tally;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * How one worker brings its VM's frames to the other members of the network: straight into their receive queues, or
 * into a handoff when somebody else is filling those just now.
 *
 * <p>Owned by the worker. A claim, once won, is kept until {@link #finish} at the end of the batch, so that a batch
 * publishes once and calls the guest once; several claims may be held, which cannot deadlock because none is waited for.
 */
public final class Delivery {
    /** Descriptors that a sender spends on one frame for somebody else's buffers; dearer frames are the receiver's to place. */
    private static final int DIRECT_DESCRIPTOR_LIMIT = 64;

    private final int member;
    private final Tally tally;
    private final FrameWriter writer = new FrameWriter();
    private Peers peers;
    private ReceiveSide[] held = {};
    private boolean[] holding = {};
    private boolean[] toRing = {};
    private int heldCount;
    private int recentCount;
    private boolean anyToRing;

    /**
     * @param member index of the sending VM in its network
     * @param peers the other members
     * @param tally counts for the sender
     */
    public Delivery(int member, Peers peers, Tally tally) {
        this.member = member;
        this.peers = peers;
        this.tally = tally;
        deliverTo(peers);
    }

    /** Delivers to these from now on; between two visits, when nothing is held. */
    public void deliverTo(Peers next) {
        peers = next;
        // Whom the last batch went to is kept: a fault may still turn out to be one of theirs.
        held = Arrays.copyOf(held, next.indexes());
        holding = Arrays.copyOf(holding, next.indexes());
        toRing = Arrays.copyOf(toRing, next.indexes());
    }

    /**
     * Delivers one frame, or hands it off if somebody else is filling the receiver's queues, or its buffers are too dear.
     *
     * @return {@link Delivered#DONE}, {@link Delivered#NO_BUFFERS}, {@link Delivered#ABSENT}, {@link Delivered#NO_ROOM} or
     *     {@link Delivered#FULL}; in all but the first case nothing of the frame is anywhere
     */
    public int deliver(Frame frame, ReceiveSide to) {
        if (!to.open()) {
            return Delivered.ABSENT;
        }
        // Behind a backlog everybody queues, so that a flood cannot overtake a neighbour's waiting frames.
        if (to.backlogged() || !hold(to)) {
            return handOff(frame, to);
        }
        ReceiveQueue queue = to.queueFor(frame.flow);
        if (queue == null) {
            return Delivered.ABSENT;
        }
        int outcome = writer.write(queue, frame, DIRECT_DESCRIPTOR_LIMIT);
        if (outcome == Delivered.DONE) {
            to.countReceived(1, frame.lengthBytes);
            return Delivered.DONE;
        }
        if (outcome == Delivered.TOO_DEAR) {
            return handOff(frame, to);
        }
        if (outcome == Delivered.ABSENT) {
            to.noteQueueFault();
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
        if (!to.open() || to.backlogged() || !hold(to)) {
            return 0;
        }
        ReceiveQueue queue = to.queueFor(flow);
        if (queue == null || queue.headerLength != FrameBatch.HEADER_LENGTH) {
            return 0;
        }
        int first = frames.next();
        while (!frames.isEmpty() && queue.readAhead(FrameBatch.HEADER_LENGTH)) {
            int copied = frames.copyTo(first, queue.ahead, queue.aheadNext, maxLength);
            queue.useAhead(copied);
            to.countReceived(copied, frames.copiedBytes());
            frames.skip(copied);
            if (queue.aheadNext < queue.ahead.count()) {
                break; // the next frame is not like these, or its buffer is too short
            }
        }
        return frames.next() - first;
    }

    private boolean hold(ReceiveSide to) {
        if (holding[to.member()]) {
            return true;
        }
        // Frames of ours that wait there must not be overtaken. Ours is the only hand that fills that handoff.
        if (!peers.handoffTo(to).isEmpty()) {
            return false;
        }
        if (!to.claim.tryAcquire(member)) {
            tally.add(Counter.CLAIMS_MISSED, 1);
            return false;
        }
        holding[to.member()] = true;
        held[heldCount++] = to;
        return true;
    }

    /**
     * Leaves a frame for the receiver's own worker.
     *
     * @return {@link Delivered#DONE} or {@link Delivered#FULL}
     */
    public int handOff(Frame frame, ReceiveSide to) {
        if (!peers.handoffTo(to).offer(frame)) {
            return Delivered.FULL;
        }
        to.markBacklogged();
        toRing[to.member()] = true;
        anyToRing = true;
        tally.add(Counter.HANDED_OFF_FRAMES, 1);
        return Delivered.DONE;
    }

    /** Whether the receiver has taken at least half of what fits into the handoff from us to it. */
    public boolean drained(ReceiveSide to) {
        return peers.handoffTo(to).isHalfFree();
    }

    /** Publishes and releases everything held, and rings for what was handed off. At the end of each batch. */
    public void finish() {
        recentCount = heldCount;
        for (int i = 0; i < heldCount; i++) {
            ReceiveSide to = held[i];
            to.publish();
            holding[to.member()] = false;
            to.claim.release();
            // Whoever came while the claim was held has handed its frames off; see Claim for why this cannot miss them.
            if (to.backlogged()) {
                to.ring();
            }
        }
        heldCount = 0;
        if (anyToRing) {
            anyToRing = false;
            ringAll();
        }
    }

    private void ringAll() {
        for (int i = 0; i < toRing.length; i++) {
            if (toRing[i]) {
                toRing[i] = false;
                ring(peers.receiver(i));
            }
        }
    }

    private static void ring(@Nullable ReceiveSide receiver) {
        if (receiver != null) {
            receiver.ring();
        }
    }

    /**
     * After a fault anywhere in this worker: gives up everything held, and shuts those receivers whose memory is gone.
     *
     * @return whether such a receiver was found, or one that cannot be looked at now, so that a lost memory is explained
     */
    public boolean recover() {
        boolean explained = false;
        // Compiled code learns of a fault a little later than it happens: perhaps after it has let go.
        for (int i = 0; i < recentCount; i++) {
            explained |= !held[i].claim.heldBy(member) && !held[i].claim.tryAcquire(member);
        }
        heldCount = 0;
        for (ReceiveSide to : peers.others()) {
            // What is recorded as held may lag behind by the step that was interrupted; the claim itself does not.
            holding[to.member()] = false;
            explained |= giveUp(to);
        }
        finish();
        return explained;
    }

    private boolean giveUp(ReceiveSide to) {
        Handoff handoff = peers.handoffTo(to);
        handoff.abandon();
        if (!handoff.isEmpty()) {
            to.markBacklogged();
        }
        boolean lost = false;
        if (to.claim.heldBy(member)) {
            lost = to.shutIfMemoryLost();
            if (!lost) {
                to.tryPublish();
            }
            to.claim.release();
        }
        to.ring();
        return lost;
    }
}

package io.ringfence.dataplane.delivery;

import io.ringfence.dataplane.telemetry.Counter;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * How a VM's worker takes in the frames that others handed off to it, on its own budget.
 *
 * <p>Deficit round robin over the senders (Shreedhar and Varghese, 1995): each gets the same bytes a round, whatever the
 * size of its frames, so that a flood cannot crowd out a neighbour.
 */
public final class Backlog implements Handoff.Sink {
    /** What {@link #drain} found. */
    public static final int EMPTY = 0;
    /** Frames were taken in; there may be more. */
    public static final int PROGRESS = 1;
    /** Somebody holds the claim, or is just handing a frame off: nothing to be done until it is through, and rings. */
    public static final int CLAIMED = 2;
    /** The guest has posted no buffers; it will kick when it does. */
    public static final int NO_BUFFERS = 3;

    /** One full Ethernet frame and a bit: every sender can send at least one a round, until jumbo frames save up. */
    private static final int QUANTUM_BYTES = 2048;

    /** Descriptors that a VM may spend on placing one of its own frames. */
    private static final int OWN_DESCRIPTOR_LIMIT = 1024;

    /** Descriptors of one drain: some 10 us of work, however small the guest makes its buffers. */
    private static final int DESCRIPTORS_PER_DRAIN = 512;

    private final ReceiveSide side;
    private final Frame frame;
    private final FrameWriter writer = new FrameWriter();
    private int[] deficits = {};
    private int next;
    private int framesLeft;
    private int descriptorsLeft;
    private boolean interrupted;
    private boolean taking;
    private @Nullable ReceiveQueue starved;
    private long starvedAtNanos = System.nanoTime() - Long.MAX_VALUE / 2;

    /**
     * @param side the VM's receive side
     * @param frame scratch, with a chain of its own
     */
    public Backlog(ReceiveSide side, Frame frame) {
        this.side = side;
        this.frame = frame;
    }

    /**
     * Drains what these senders hand off from now on; between two visits.
     *
     * @return frames that were dropped, because those who had sent them are gone
     */
    public int drainFrom(Peers peers) {
        @Nullable Handoff[] incoming = peers.incoming();
        int dropped = 0;
        for (int sender = 0; sender < deficits.length; sender++) {
            Handoff before = side.handoffFrom(sender);
            if (before != null && before != incoming[sender]) {
                dropped += before.discard();
                deficits[sender] = 0;
            }
        }
        deficits = Arrays.copyOf(deficits, incoming.length);
        side.drainsFrom(incoming);
        return dropped;
    }

    /**
     * Takes in some frames.
     *
     * @param frameLimit the most frames to take in, 1 or more
     * @param byteLimit the most bytes, about
     * @return {@link #EMPTY}, {@link #PROGRESS}, {@link #CLAIMED} or {@link #NO_BUFFERS}
     */
    public int drain(int frameLimit, int byteLimit) {
        if (!side.backlogged()) {
            return EMPTY;
        }
        if (!side.claim.tryAcquire(side.member())) {
            return CLAIMED;
        }
        starved = null;
        framesLeft = frameLimit;
        descriptorsLeft = DESCRIPTORS_PER_DRAIN;
        int bytes = 0;
        int idleTurns = 0;
        while (bytes < byteLimit && idleTurns < deficits.length && !stopped()) {
            int taken = turn();
            bytes += taken;
            idleTurns = taken > 0 ? 0 : idleTurns + 1;
        }
        boolean more = !side.clearBacklog();
        // Armed under the claim: the queue's position is ours to read now. Only that queue: others may well have
        // buffers.
        boolean waitsForBuffers = starved != null && !starved.virtqueue.arm();
        if (!more) {
            side.disarmReceive();
        }
        side.starved(waitsForBuffers);
        side.publish();
        side.claim.release();
        if (bytes > 0 || starved != null) {
            noteLatencies(System.nanoTime());
        }
        if (waitsForBuffers) {
            return NO_BUFFERS;
        }
        if (bytes > 0 || starved != null) {
            return PROGRESS;
        }
        return more ? CLAIMED : EMPTY;
    }

    private void noteLatencies(long nowNanos) {
        for (int sender = 0; sender < deficits.length; sender++) {
            Handoff handoff = side.handoffFrom(sender);
            if (handoff != null) {
                handoff.noteLatency(nowNanos, nowNanos - starvedAtNanos);
            }
        }
        if (starved != null) {
            starvedAtNanos = nowNanos;
        }
    }

    /** One sender's turn, or the rest of one that was interrupted; the bytes it got through. */
    private int turn() {
        int sender = next;
        Handoff handoff = side.handoffFrom(sender);
        if (handoff == null || handoff.isEmpty()) {
            deficits[sender] = 0;
            endTurn();
            return 0;
        }
        if (!interrupted) {
            deficits[sender] += QUANTUM_BYTES;
        }
        int taken = handoff.drain(this, frame, framesLeft, deficits[sender]);
        deficits[sender] -= taken;
        if (stopped()) {
            // Not the end of the turn: else few buffers, or small drains, would be shared out by frames, not bytes.
            interrupted = true;
            return taken;
        }
        endTurn();
        if (handoff.reachedByteLimit()) {
            return Math.max(taken, 1); // saving up for a frame longer than the quantum is progress too
        }
        deficits[sender] = 0; // whoever does not use up his turn saves nothing
        return taken;
    }

    /** Whether this drain ends before the senders' turns do. */
    private boolean stopped() {
        return starved != null || framesLeft <= 0 || descriptorsLeft <= 0;
    }

    private void endTurn() {
        interrupted = false;
        next = next + 1 == deficits.length ? 0 : next + 1;
    }

    @Override
    public boolean take(Frame waiting) {
        if (descriptorsLeft <= 0) {
            return false;
        }
        taking = true;
        boolean gone = place(waiting);
        framesLeft -= gone ? 1 : 0;
        taking = false;
        return gone;
    }

    private boolean place(Frame waiting) {
        ReceiveQueue queue = side.queueFor(waiting.flow);
        if (queue == null) {
            side.tally.add(Counter.DROPPED_DETACHED, 1);
            return true;
        }
        int outcome = writer.write(queue, waiting, OWN_DESCRIPTOR_LIMIT);
        descriptorsLeft -= writer.descriptors();
        switch (outcome) {
            case Delivered.DONE -> {
                side.countReceived(1, waiting.lengthBytes);
            }
            case Delivered.NO_BUFFERS -> {
                starved = queue;
                return false;
            }
            case Delivered.ABSENT -> {
                side.noteQueueFault();
                side.tally.add(Counter.DROPPED_DETACHED, 1);
            }
            default -> side.tally.add(Counter.DROPPED_NO_ROOM, 1);
        }
        return true;
    }

    /** After a fault in this worker: gives the claim up if it was held. True if the VM's own memory is gone. */
    public boolean recover() {
        if (!side.claim.heldBy(side.member()) && !side.claim.tryAcquire(side.member())) {
            return false;
        }
        if (taking) {
            taking = false;
            side.tally.add(Counter.DROPPED_MEMORY_LOST, 1); // it is out of the handoff already
        }
        boolean lost = side.shutIfMemoryLost();
        if (!lost) {
            side.tryPublish();
        }
        side.claim.release();
        return lost;
    }
}

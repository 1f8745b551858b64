package io.ringfence.dataplane.delivery;

import io.ringfence.dataplane.telemetry.Counter;
import io.ringfence.vhostuser.memory.MemoryProbe;
import io.ringfence.vhostuser.virtqueue.BufferChain;
import org.jspecify.annotations.Nullable;

/**
 * The frames that were handed off to a VM, and how they get into its queues.
 *
 * <p>The VM's worker {@link #drain}s them on its own budget; that is the only way for frames that the receiver makes
 * dear, and it alone waits for buffers. All others wait for no more than a claim. So whoever held it {@link #help}s those who came meanwhile
 * before it lets go, and a sender that has handed off and finds the claim free helps itself: no wake-up, and no wait for a
 * worker whose next period may be far away.
 *
 * <p>Belongs to the holder of the {@link Claim}.
 */
public final class Backlog implements Handoff.Sink {
    /** What {@link #drain} found. */
    public static final int EMPTY = 0;
    /** Frames were taken in; there may be more. */
    public static final int PROGRESS = 1;
    /**
     * Somebody holds the claim, or is just handing a frame off: nothing to be done until it is through, and rings. Or a frame
     * waits a while for more buffers than there are, which nobody will ring for: to be looked at again.
     */
    public static final int CLAIMED = 2;
    /** The guest has posted no buffers; it will kick when it does. */
    public static final int NO_BUFFERS = 3;

    /** Descriptors that a VM may spend on placing one of its own frames. */
    private static final int OWN_DESCRIPTOR_LIMIT = 1024;

    /** Descriptors of one drain: some 10 us of work, however small the guest makes its buffers. */
    private static final int DESCRIPTORS_PER_DRAIN = 512;

    /** What a sender helps with at once: some 5 us. */
    private static final int DESCRIPTORS_PER_HELP = 256;

    /** As long as most handoffs are: a sender that fills its own must be able to empty it. */
    static final int BYTES_PER_HELP = 64 * 1024;

    private final ReceiveSide side;
    private final BacklogSigns signs;
    private final ReceiveQueues queues;
    final Senders senders;
    private final Frame frame = new Frame(new BufferChain());
    private final FrameWriter writer;
    /** A frame whose receive queue lacks buffers, and behind it those for the VM's other queues. */
    private final HeadOfLine line = new HeadOfLine();

    private final Shortage shortage = new Shortage();

    private int framesLeft;
    private int takenBytes;
    private int descriptorsLeft;
    private int descriptorLimit;
    private boolean tooDear;
    /** The next frame takes more descriptors than a sender may spend on it. */
    private boolean leftToOwner;

    private boolean taking;
    private @Nullable ReceiveQueue starved;
    private long starvedAtNanos = System.nanoTime() - Long.MAX_VALUE / 2;

    /** @param side the VM's receive side */
    Backlog(ReceiveSide side) {
        this.side = side;
        signs = side.signs;
        queues = side.queues;
        senders = new Senders(signs);
        writer = new FrameWriter(side.tally);
    }

    /**
     * Drains what these senders hand off from now on. The VM's worker, between two visits.
     *
     * @return frames that were dropped, because those who had sent them are gone; -1 if somebody holds the claim: to be tried
     *     again
     */
    public int tryDrainFrom(Peers peers) {
        if (!side.claim.tryAcquire(side.holder())) {
            return -1;
        }
        int dropped = drainFrom(peers.incoming());
        side.claim.release();
        return dropped;
    }

    /** As {@link #tryDrainFrom}, under the claim. */
    int drainFrom(@Nullable Handoff[] handoffs) {
        line.forget(); // its first frame may be among those that go
        return senders.replace(handoffs);
    }

    /**
     * Takes in some frames. The VM's worker.
     *
     * @param frameLimit the most frames to take in, 1 or more
     * @param byteLimit the most bytes, about
     * @return {@link #EMPTY}, {@link #PROGRESS}, {@link #CLAIMED} or {@link #NO_BUFFERS}
     */
    public int drain(int frameLimit, int byteLimit) {
        if (!signs.backlogged()) {
            return EMPTY;
        }
        if (!side.claim.tryAcquire(side.holder())) {
            return CLAIMED;
        }
        shortage.giveAllIfLong();
        boolean progress = takeIn(frameLimit, byteLimit, DESCRIPTORS_PER_DRAIN, OWN_DESCRIPTOR_LIMIT);
        shortage.giveAllNoMore();
        boolean cleared = signs.clear(senders);
        // Armed under the claim: the queue's position is ours to read now. Only that queue: others may well have
        // buffers.
        boolean waitsForBuffers = starved != null && !starved.virtqueue.arm();
        if (cleared) {
            queues.disarm();
        }
        leftToOwner = false;
        signs.starved(waitsForBuffers);
        // Read before the release, for then it is the next holder's; and after the flag is set, so that whoever comes
        // for another queue sees that and rings, or is seen here.
        boolean untilKicked = !shortage.lasts() && (starved == null || !othersWait(starved));
        queues.publish();
        if (progress) {
            noteLatencies(System.nanoTime());
        }
        side.claim.release();
        if (waitsForBuffers) {
            return untilKicked ? NO_BUFFERS : CLAIMED;
        }
        if (progress) {
            return PROGRESS;
        }
        // Looked at once more: who came while the claim was held relies on its holder.
        return signs.backlogged() ? CLAIMED : EMPTY;
    }

    /**
     * Takes in frames for others: what is cheap, and no more than a sender may spend between two looks at its budget. The
     * holder of the claim, which publishes then.
     *
     * @param byteLimit the most bytes, about; more than {@link #BYTES_PER_HELP} are not taken in
     * @return how many frames
     */
    int help(int frameLimit, long byteLimit) {
        takenBytes = 0;
        // One branch for all: that frames or bytes are used up is so seldom that alone it has a worker deoptimised.
        long left = leftToOwner ? 0 : Math.min(frameLimit, byteLimit);
        if (left <= 0) {
            return 0;
        }
        int bytesAtMost = (int) Math.min(byteLimit, BYTES_PER_HELP);
        boolean progress = takeIn(frameLimit, bytesAtMost, DESCRIPTORS_PER_HELP, Delivery.DIRECT_DESCRIPTOR_LIMIT);
        leftToOwner = tooDear;
        if (signs.clear(senders)) {
            queues.disarm();
        }
        if (progress) {
            noteLatencies(System.nanoTime());
        }
        return frameLimit - framesLeft;
    }

    /** Bytes that the last {@link #help} took in, about. The holder of the claim. */
    int takenBytes() {
        return takenBytes;
    }

    /** Notes that a frame in a handoff is too dear for others than the VM's worker. The holder of the claim. */
    void leaveToOwner() {
        leftToOwner = true;
    }

    /** For the warm-up: goes through what happens seldom, when others meddle; frames that wait go on waiting. */
    public void rehearse() {
        if (side.claim.tryAcquire(side.holder())) {
            signs.rehearse(senders);
            senders.rehearse();
            side.letGo();
        }
    }

    private boolean takeIn(int frameLimit, int byteLimit, int descriptorsAtMost, int descriptorsPerFrame) {
        starved = null;
        tooDear = false;
        framesLeft = frameLimit;
        descriptorsLeft = descriptorsAtMost;
        descriptorLimit = descriptorsPerFrame;
        int bytes = 0;
        int idleTurns = 0;
        // Two conditions in one branch, here and in stopped: see help.
        while (Math.min(byteLimit - bytes, senders.count() - idleTurns) > 0 && !stopped()) {
            int taken = turn();
            bytes += taken;
            idleTurns = taken > 0 ? 0 : idleTurns + 1;
        }
        takenBytes = bytes;
        boolean progress = bytes > 0;
        if (!tooDear
                || progress) { // whoever may spend less does not come to where buffers lack: the owner's wait goes on
            shortage.note(starved, progress);
        }
        return progress || starved != null;
    }

    private void noteLatencies(long nowNanos) {
        senders.noteLatencies(nowNanos, nowNanos - starvedAtNanos);
        if (starved != null) {
            starvedAtNanos = nowNanos;
        }
    }

    /** One sender's turn, or the rest of one that was interrupted; the bytes it got through. */
    private int turn() {
        Handoff handoff = senders.beginTurn();
        if (handoff == null) {
            return 0;
        }
        int taken = handoff.drain(this, frame, framesLeft, senders.allowedBytes());
        if (stopped()) {
            senders.interruptTurn(taken);
            return taken;
        }
        return senders.endTurn(handoff, taken);
    }

    /** Whether this drain ends before the senders' turns do. */
    private boolean stopped() {
        return starved != null || tooDear || Math.min(framesLeft, descriptorsLeft) <= 0;
    }

    @Override
    public boolean take(Frame waiting) {
        if (descriptorsLeft <= 0) {
            return false;
        }
        taking = true;
        boolean gone = place(waiting);
        taking = false;
        return gone;
    }

    private boolean place(Frame waiting) {
        ReceiveQueue queue = queues.of(waiting.flow);
        if (queue == null) {
            side.tally.add(Counter.DROPPED_DETACHED, 1);
            framesLeft--;
            return true;
        }
        int outcome = writer.write(queue, waiting, descriptorLimit);
        descriptorsLeft -= writer.descriptors();
        queues.countReceived(writer.packets(), writer.bytes());
        switch (outcome) {
            case Delivered.DONE -> {}
            case Delivered.NO_BUFFERS -> {
                if (mayWait(queue)) {
                    starved = queue;
                    return false;
                }
                side.tally.add(Counter.DROPPED_STARVED_QUEUE, 1);
            }
            case Delivered.TOO_DEAR -> {
                if (descriptorLimit < OWN_DESCRIPTOR_LIMIT) {
                    tooDear = true;
                    return false;
                }
                side.tally.add(Counter.DROPPED_NO_ROOM, 1);
            }
            case Delivered.ABSENT -> {
                side.noteQueueFault(queue);
                side.tally.add(Counter.DROPPED_DETACHED, 1);
            }
            default -> side.tally.add(Counter.DROPPED_NO_ROOM, 1);
        }
        if (line.waits()) {
            line.passed(System.nanoTime());
        }
        framesLeft -= Math.max(1, writer.packets()); // one that is cut costs what its packets do
        return true;
    }

    /** Whether a frame without buffers may wait: for as long as it takes, unless it seems to hold up frames for other queues. */
    private boolean mayWait(ReceiveQueue queue) {
        return !othersWait(queue)
                || queue.hasAllOfDriver()
                || line.waits(queue.virtqueue.setup().index(), System.nanoTime());
    }

    /** Whether frames for other queues than this one may be among those that wait. */
    private boolean othersWait(ReceiveQueue queue) {
        return queues.anyGoesElsewhere(signs.flows(), queue);
    }

    /** The queues are others now. Under the claim. */
    void forgetQueues() {
        line.forget();
        starved = null;
        shortage.forget();
    }

    /**
     * After a fault in the VM's worker: gives the claim up if it was held.
     *
     * @param probe with which to ask about the VM's own memory
     * @return true if that is gone
     */
    public boolean recover(MemoryProbe probe) {
        if (!side.claim.heldBy(side.holder()) && !side.claim.tryAcquire(side.holder())) {
            return false;
        }
        boolean lost = abandon(writer, probe);
        side.claim.release();
        return lost;
    }

    /**
     * After a fault of whoever holds the claim: counts the frame in hand, and shows the guest the others. True if its memory is gone.
     *
     * @param lastUsed by whoever holds the claim, for frames that were not handed off
     * @param probe of whoever holds the claim, on whose time it is asked
     */
    boolean abandon(FrameWriter lastUsed, MemoryProbe probe) {
        if (taking) {
            taking = false;
            line.forget();
            side.tally.add(Counter.DROPPED_MEMORY_LOST, 1); // it is out of the handoff already
        }
        shortage.giveAllNoMore();
        boolean lost = side.shutIfMemoryLost(probe, lastUsed, writer);
        if (!lost) {
            side.tryPublish(probe);
        }
        return lost;
    }
}

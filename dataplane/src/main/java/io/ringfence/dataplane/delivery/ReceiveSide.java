package io.ringfence.dataplane.delivery;

import io.ringfence.dataplane.telemetry.Counter;
import io.ringfence.dataplane.telemetry.Tally;
import io.ringfence.vhostuser.memory.GuestMemory;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The receiving half of a VM, as every worker of its network sees it; of a VM with several workers, the part of it that
 * belongs to one of them.
 *
 * <p>Who may touch what: the queues, the tally and the backlog belong to the holder of the {@link Claim}; {@link #open} is
 * written by this VM's worker, and by the holder of the claim who finds the memory gone; the backlog flag is set by
 * senders and taken back by the holder of the claim.
 */
public final class ReceiveSide {
    /** Flows of a sender that are told apart: as many as a VM can have queue pairs. */
    public static final int FLOWS = 8;

    private static final ReceiveQueue[] NO_QUEUES = {};
    private static final int ALL_FLOWS = (1 << FLOWS) - 1;
    private static final VarHandle WAITING;
    private static final VarHandle FLOWS_WAITING;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            WAITING = lookup.findVarHandle(ReceiveSide.class, "waiting", long.class);
            FLOWS_WAITING = lookup.findVarHandle(ReceiveSide.class, "flowsWaiting", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    final Claim claim = new Claim();
    final Backlog backlog;
    final Tally tally;
    private final int member;
    private final int vm;
    private final int workers;
    private final Doorbell doorbell;
    /** This VM's worker, to claims; others read it, too, and may see it late. */
    private int holder;

    /** The CPU of this VM's worker. */
    private volatile int cpu;

    private ReceiveQueue[] queues = NO_QUEUES;
    private final @Nullable ReceiveQueue[] queueOfFlow = new ReceiveQueue[FLOWS];
    private GuestMemory memory = GuestMemory.empty();
    private long receivedFrames;
    private long receivedBytes;
    private volatile boolean starved;
    private volatile boolean open;
    /** Whether there are queues, also while they are being replaced. */
    private volatile boolean serves;

    private volatile boolean backlogged;
    /** Senders whose handoffs may hold frames, a bit for each; beyond 64 members several share one. */
    private volatile long waiting;

    /** Flows of which frames may wait, a bit for each: never too few, but also such as have been taken in since. */
    private volatile int flowsWaiting;

    private volatile boolean memoryLost;
    private volatile boolean queueFault;

    /**
     * @param member index of this VM in its network
     * @param doorbell wakes this VM's worker
     * @param tally counts what is received; guarded by the claim
     */
    public ReceiveSide(int member, Doorbell doorbell, Tally tally) {
        this(member, member, 1, doorbell, tally);
    }

    /**
     * As above, for one of several workers of a VM.
     *
     * @param member index of this worker in its network; workers of a VM are in the order of their indexes
     * @param vm index of the VM's first worker
     * @param workers how many the VM has
     */
    public ReceiveSide(int member, int vm, int workers, Doorbell doorbell, Tally tally) {
        this.member = member;
        this.vm = vm;
        this.workers = workers;
        holder = Claim.strangeHolder(member);
        this.doorbell = doorbell;
        this.tally = tally;
        backlog = new Backlog(this);
    }

    /** Index of this VM in its network. */
    public int member() {
        return member;
    }

    /** By what addresses and other members know this VM: the index of its first worker, which may be this one. */
    public int vm() {
        return vm;
    }

    /** How many workers the VM has. */
    int workers() {
        return workers;
    }

    /** Whether it has a queue for frames to be put into; stays as it is while its worker replaces the queues. */
    boolean serves() {
        return serves;
    }

    /** This VM's worker: the thread by which claims know it from now on. */
    public void heldBy(int threadId) {
        holder = threadId;
    }

    /** This VM's worker, to claims. For itself; others may see one that it was before. */
    int holder() {
        return holder;
    }

    /** The CPU on which this VM's worker runs from now on. The control plane. */
    public void runsOn(int number) {
        cpu = number;
    }

    /** The CPU on which this VM's worker runs. Any thread. */
    int cpu() {
        return cpu;
    }

    /** The right to fill this VM's queues. */
    public Claim claim() {
        return claim;
    }

    /** What was handed off to this VM. */
    public Backlog backlog() {
        return backlog;
    }

    /** Whether frames can be delivered: an enabled receive queue is there, and its memory too. */
    public boolean open() {
        return open;
    }

    /** Whether frames wait in handoffs; all senders then queue behind them. */
    public boolean backlogged() {
        return backlogged;
    }

    /** Whether this VM's worker waits for a kick because the backlog lacked buffers: there is no need to ring for it. */
    public boolean starved() {
        return starved;
    }

    /** Notes whether this VM's worker waits for buffers. Under the claim; a sender may take it back, see {@link #markWaiting}. */
    void starved(boolean waitsForBuffers) {
        starved = waitsForBuffers;
    }

    /**
     * Notes that a frame was handed off; by its sender, after it is in the handoff.
     *
     * <p>The bit is written even if it is set already: the write is also the barrier that lets {@link #clearBacklog} and
     * {@link #noneWaits} either see the frame or lose against the bit or the flag. A mere look could be over before the frame is
     * visible.
     */
    void markBacklogged(int sender) {
        mayWait(sender);
        if (!backlogged) {
            backlogged = true;
        }
    }

    /**
     * Notes that a frame of this flow waits, in a handoff or because that is full; by its sender, after it is there. If this VM's worker
     * sleeps until another queue gets buffers, it is to know that others wait now.
     */
    void markWaiting(int flow) {
        int bit = 1 << flow % FLOWS;
        if ((flowsWaiting & bit) == 0 && ((int) FLOWS_WAITING.getAndBitwiseOr(this, bit) & bit) == 0 && starved) {
            // Before the ring: a worker that does not listen yet then finds a backlog to look at when it looks once
            // more.
            starved = false;
            doorbell.ring();
        }
    }

    /** After a fault: frames of any flow may wait. */
    void markAllWaiting() {
        int ignored = (int) FLOWS_WAITING.getAndBitwiseOr(this, ALL_FLOWS);
        starved = false;
    }

    /** Notes that a sender's handoff may hold frames. */
    void mayWait(int sender) {
        long ignored = (long) WAITING.getAndBitwiseOr(this, 1L << sender);
    }

    /** Notes that a sender's handoff was found empty; it is to be looked at once more afterwards. Under the claim. */
    void noneWaits(int sender) {
        long ignored = (long) WAITING.getAndBitwiseAnd(this, ~(1L << sender));
    }

    /** The senders whose handoffs may hold frames: bit <i>i</i> for all members whose index is <i>i</i> modulo 64. */
    long waiting() {
        return waiting;
    }

    /** Wakes this VM's worker for its backlog. */
    void ring() {
        doorbell.ring();
    }

    /** Gives the claim back; wakes this VM's worker if there is something left that nobody else will do. */
    void letGo() {
        claim.release();
        // Whoever came since we looked has found the claim held and relies on us; see Claim for why we cannot miss it.
        if (backlogged && !starved) {
            doorbell.ring();
        }
    }

    /**
     * Takes the backlog back when all handoffs are empty. Under the claim.
     *
     * @return false if frames wait, or if one came meanwhile
     */
    boolean clearBacklog() {
        if (backlog.anyHandedOff()) {
            return false;
        }
        // First: this VM's worker may be here by its guest's kick. If it blocks because the backlog is gone, and one
        // comes
        // meanwhile, no second kick will wake it; letGo must.
        starved = false;
        backlogged = false;
        flowsWaiting = 0;
        if (backlog.anyHandedOff()) {
            backlogged = true;
            flowsWaiting = ALL_FLOWS; // one bit at least may have been set, and taken back, since the frame came
            return false;
        }
        return true;
    }

    /** Queue for a flow; null if there is none. Under the claim. */
    @Nullable
    ReceiveQueue queueFor(int flow) {
        return queueOfFlow[flow % FLOWS];
    }

    /** Whether frames for other queues than this one may be among those that wait. Under the claim. */
    boolean othersWait(ReceiveQueue queue) {
        int flows = queues.length > 1 ? flowsWaiting : 0;
        for (int flow = 0; flows != 0; flow++, flows >>>= 1) {
            if ((flows & 1) != 0 && queueOfFlow[flow] != queue) {
                return true;
            }
        }
        return false;
    }

    private void use(ReceiveQueue[] replacement) {
        queues = replacement;
        for (int flow = 0; flow < FLOWS; flow++) {
            // Flows have been spread over the VM's workers before.
            queueOfFlow[flow] = queues.length == 0 ? null : queues[flow / workers % queues.length];
        }
    }

    /** Counts frames that were put into a queue. Under the claim. */
    void countReceived(int frames, long lengthBytes) {
        receivedFrames += frames;
        receivedBytes += lengthBytes;
    }

    /** Shows the guest what was delivered and counts it. Under the claim. */
    void publish() {
        if (receivedFrames > 0) {
            tally.add(Counter.RECEIVED_FRAMES, receivedFrames);
            tally.add(Counter.RECEIVED_BYTES, receivedBytes);
            receivedFrames = 0;
            receivedBytes = 0;
        }
        for (ReceiveQueue queue : queues) {
            queue.publish();
        }
        tally.flush();
    }

    /** As {@link #publish}, after a fault: what cannot be shown now is shown with the next frame. Under the claim. */
    void tryPublish() {
        try {
            publish();
        } catch (InternalError memoryGone) {
            shutIfMemoryLost();
        }
    }

    /**
     * This VM's worker: keeps everybody out, so that the queues can be replaced.
     *
     * @return false if somebody is delivering just now: try again at the next visit. Until then nobody new begins
     */
    public boolean tryClose() {
        open = false;
        return claim.tryAcquire(holder);
    }

    /** This VM's worker, after {@link #tryClose}: puts these queues in force and lets senders in. */
    public void reopen(List<ReceiveQueue> replacement, GuestMemory behindThem) {
        use(replacement.toArray(ReceiveQueue[]::new));
        backlog.forgetQueues();
        memory = behindThem;
        memoryLost = false;
        queueFault = false;
        disarmReceive();
        serves = queues.length > 0;
        open = serves;
        claim.release();
    }

    /** Notes that the guest broke a rule on a receive queue; its own worker reports that, once. Under the claim. */
    void noteQueueFault(ReceiveQueue queue) {
        if (!queue.faultNoted) {
            queue.faultNoted = true;
            queueFault = true;
            doorbell.ring();
        }
    }

    /** Whether a receive queue was stopped for a fault since the last time this was asked. This VM's worker. */
    public boolean takeQueueFault() {
        boolean found = queueFault;
        if (found) {
            queueFault = false;
        }
        return found;
    }

    /**
     * Stops delivery if the memory behind the queues is gone, or what was in hand of it cannot be accessed. Under the claim; true if
     * so.
     *
     * @param lastUsed what may have written to the queues last
     */
    boolean shutIfMemoryLost(FrameWriter... lastUsed) {
        if (queues.length > 0 && (memory.truncated() || faults(lastUsed))) {
            use(NO_QUEUES);
            tally.add(Counter.DROPPED_MEMORY_LOST, receivedFrames); // in the buffers, but never shown to the guest
            receivedFrames = 0;
            receivedBytes = 0;
            tally.flush();
            serves = false;
            open = false;
            memoryLost = true;
            doorbell.ring();
            return true;
        }
        return false;
    }

    /** What was in hand first: it is little, and most likely. */
    private boolean faults(FrameWriter... lastUsed) {
        for (FrameWriter writer : lastUsed) {
            if (writer.faults(memory)) {
                return true;
            }
        }
        for (ReceiveQueue queue : queues) {
            if (queue.lastFaults(memory)) {
                return true;
            }
        }
        for (ReceiveQueue queue : queues) {
            if (queue.nextFault(memory)) {
                return true;
            }
        }
        return false;
    }

    /** Whether delivery was stopped because the memory behind the queues is gone; reset by asking. */
    public boolean takeMemoryLost() {
        boolean lost = memoryLost;
        if (lost) {
            memoryLost = false;
        }
        return lost;
    }

    /** Whether something is to be reported: to be looked at once more before this VM's worker blocks. */
    public boolean hasReport() {
        return queueFault || memoryLost;
    }

    /** Asks the guest not to kick for posted buffers. Under the claim. */
    void disarmReceive() {
        for (ReceiveQueue queue : queues) {
            queue.virtqueue.disarm();
        }
    }
}

package io.ringfence.dataplane.delivery;

import io.ringfence.dataplane.telemetry.Tally;
import io.ringfence.vhostuser.memory.GuestMemory;
import io.ringfence.vhostuser.memory.MemoryProbe;
import java.util.List;

/**
 * The receiving half of a VM, as every worker of its network sees it; of a VM with several workers, the part of it that
 * belongs to one of them.
 *
 * <p>Who may touch what: the queues, the tally and the backlog belong to the holder of the {@link Claim}; {@link #open} is
 * written by this VM's worker, and by the holder of the claim who finds the memory gone; whose the {@link BacklogSigns} are
 * is said there.
 */
public final class ReceiveSide {
    /** Flows of a sender that are told apart: as many as a VM can have queue pairs. */
    public static final int FLOWS = 8;

    final Claim claim = new Claim();
    final Backlog backlog;
    final Tally tally;
    final BacklogSigns signs;
    final ReceiveQueues queues;
    private final int member;
    private final int vm;
    private final int workers;
    private final Doorbell doorbell;
    /** This VM's worker, to claims; others read it, too, and may see it late. */
    private int holder;

    /** The CPU of this VM's worker. */
    private volatile int cpu;

    private volatile boolean open;
    /** Whether there are queues, also while they are being replaced. */
    private volatile boolean serves;

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
        signs = new BacklogSigns(doorbell);
        queues = new ReceiveQueues(workers, tally);
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
        return signs.backlogged();
    }

    /** Whether this VM's worker waits for a kick because the backlog lacked buffers: there is no need to ring for it. */
    public boolean starved() {
        return signs.starved();
    }

    /** Wakes this VM's worker for its backlog. */
    void ring() {
        doorbell.ring();
    }

    /** Gives the claim back; wakes this VM's worker if there is something left that nobody else will do. */
    void letGo() {
        claim.release();
        // Whoever came since we looked has found the claim held and relies on us; see Claim for why we cannot miss it.
        if (signs.backlogged() && !signs.starved()) {
            doorbell.ring();
        }
    }

    /** As {@link ReceiveQueues#publish}, after a fault: what cannot be shown now is shown with the next frame. Under the claim. */
    void tryPublish(MemoryProbe probe) {
        try {
            queues.publish();
        } catch (InternalError memoryGone) {
            shutIfMemoryLost(probe);
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
        // First: to replace them touches the memory behind the new ones, and may fault.
        backlog.forgetQueues();
        memoryLost = false;
        queueFault = false;
        queues.replace(replacement, behindThem);
        serves = !queues.isEmpty();
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
    boolean shutIfMemoryLost(MemoryProbe probe, FrameWriter... lastUsed) {
        if (!queues.isEmpty() && queues.fault(probe, lastUsed)) {
            queues.giveUp();
            serves = false;
            open = false;
            memoryLost = true;
            doorbell.ring();
            return true;
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
}

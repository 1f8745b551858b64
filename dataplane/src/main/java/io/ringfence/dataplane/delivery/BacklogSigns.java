package io.ringfence.dataplane.delivery;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * By what senders, the holder of a VM's claim, and the VM's worker tell each other that frames wait for that VM.
 *
 * <p>Senders set them, after the frame is where it waits; the holder of the {@link Claim} takes them back, and looks once more
 * afterwards. All accesses are volatile: of a sender that sets a sign and then tries the claim, and a holder that releases the claim
 * and then looks for the sign, at least one sees the other.
 */
final class BacklogSigns {
    private static final int ALL_FLOWS = (1 << ReceiveSide.FLOWS) - 1;
    private static final VarHandle SENDERS;
    private static final VarHandle FLOWS;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            SENDERS = lookup.findVarHandle(BacklogSigns.class, "senders", long.class);
            FLOWS = lookup.findVarHandle(BacklogSigns.class, "flows", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Doorbell doorbell;

    private volatile boolean backlogged;
    private volatile boolean starved;
    /** Senders whose handoffs may hold frames, a bit for each; beyond 64 members several share one. */
    private volatile long senders;

    /** Flows of which frames may wait, a bit for each: never too few, but also such as have been taken in since. */
    private volatile int flows;

    /** @param doorbell wakes the VM's worker */
    BacklogSigns(Doorbell doorbell) {
        this.doorbell = doorbell;
    }

    /** Whether frames wait in handoffs; all senders then queue behind them. */
    boolean backlogged() {
        return backlogged;
    }

    /** Whether the VM's worker waits for a kick because the backlog lacked buffers: there is no need to ring for it. */
    boolean starved() {
        return starved;
    }

    /** Notes whether the VM's worker waits for buffers. Under the claim; a sender may take it back, see {@link #markWaiting}. */
    void starved(boolean waitsForBuffers) {
        starved = waitsForBuffers;
    }

    /**
     * Notes that a frame was handed off; by its sender, after it is in the handoff.
     *
     * <p>The bit is written even if it is set already: the write is also the barrier that lets {@link #clear} and {@link #noneWaits}
     * either see the frame or lose against the bit or the flag. A mere look could be over before the frame is visible.
     */
    void markBacklogged(int sender) {
        mayWait(sender);
        if (!backlogged) {
            backlogged = true;
        }
    }

    /**
     * Notes that a frame of this flow waits, in a handoff or because that is full; by its sender, after it is there. If the VM's worker
     * sleeps until another queue gets buffers, it is to know that others wait now.
     */
    void markWaiting(int flow) {
        int bit = 1 << flow % ReceiveSide.FLOWS;
        int before = flows;
        if ((before & bit) == 0 && (addFlows(bit, before) & bit) == 0 && starved) {
            // Before the ring: a worker that does not listen yet then finds a backlog to look at when it looks once
            // more.
            starved = false;
            doorbell.ring();
        }
    }

    /** After a fault: frames of any flow may wait. */
    void markAllWaiting() {
        addFlows(ALL_FLOWS, flows);
        starved = false;
    }

    /** Notes that a sender's handoff may hold frames. */
    void mayWait(int sender) {
        changeSenders(1L << sender, 0, senders);
    }

    /** Notes that a sender's handoff was found empty; it is to be looked at once more afterwards. Under the claim. */
    void noneWaits(int sender) {
        changeSenders(0, 1L << sender, senders);
    }

    // Not getAndBitwiseOr and its like: they begin anew, too, where another worker writes at the same time, but in
    // a loop of the library's that cannot be rehearsed.

    private void changeSenders(long added, long removed, long presumed) {
        long before = presumed;
        while (!SENDERS.compareAndSet(this, before, (before & ~removed) | added)) {
            before = senders;
        }
    }

    private int addFlows(int added, int presumed) {
        int before = presumed;
        while (!FLOWS.compareAndSet(this, before, before | added)) {
            before = flows;
        }
        return before;
    }

    /** The senders whose handoffs may hold frames: bit <i>i</i> for all members whose index is <i>i</i> modulo 64. */
    long senders() {
        return senders;
    }

    /** The flows of which frames may wait: bit <i>i</i> for all whose number is <i>i</i> modulo {@link ReceiveSide#FLOWS}. */
    int flows() {
        return flows;
    }

    /**
     * Takes the backlog back when all handoffs are empty. Under the claim.
     *
     * @return false if frames wait, or if one came meanwhile
     */
    boolean clear(Senders from) {
        if (from.anyHandedOff()) {
            return false;
        }
        return takeBack(from); // no && here, which would be one more branch that is hardly ever taken
    }

    private boolean takeBack(Senders from) {
        // First: the VM's worker may be here by its guest's kick. If it blocks because the backlog is gone, and one
        // comes meanwhile, no second kick will wake it; whoever lets go of the claim must.
        starved = false;
        backlogged = false;
        flows = 0;
        if (from.anyHandedOff()) {
            backlogged = true;
            flows = ALL_FLOWS; // one bit at least may have been set, and taken back, since the frame came
            return false;
        }
        return true;
    }

    /**
     * For the warm-up: what happens when a sender writes its sign at the same time as another, and when a frame comes while the
     * backlog is taken back. Both are so seldom that a worker would be the first to run that code, and be deoptimised. Under the claim.
     */
    void rehearse(Senders from) {
        changeSenders(0, 0, ~senders);
        addFlows(0, ~flows);
        boolean ignored = takeBack(from);
    }
}

package io.ringfence.dataplane.delivery;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * The right to fill a VM's receive queues: tried, never waited for.
 *
 * <p>Any worker may try. The holder may be preempted at any point, so that nobody may spin on it; whoever fails puts its
 * frame into a handoff instead. The winner of {@link #tryAcquire} sees everything that the last holder wrote before
 * {@link #release} (both are volatile accesses), which is what makes the queues' plain fields safe.
 *
 * <p>Release, then looking at {@link ReceiveSide#backlogged}, is one half of a pair; setting the backlog, then trying the
 * claim, is the other. Both being sequentially consistent, at least one side sees the other: a frame that was handed off
 * because the claim was held never stays unnoticed.
 */
public final class Claim {
    private static final VarHandle HOLDER;

    static {
        try {
            HOLDER = MethodHandles.lookup().findVarHandle(Claim.class, "holder", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private static final int NOBODY = -1;

    @SuppressWarnings("FieldMayBeFinal") // written through HOLDER
    private volatile int holder = NOBODY;

    /**
     * Takes the claim if nobody has it.
     *
     * @param member index of the caller in its network
     */
    public boolean tryAcquire(int member) {
        return holder == NOBODY && HOLDER.compareAndSet(this, NOBODY, member);
    }

    /** Gives the claim back; only by its holder. */
    public void release() {
        holder = NOBODY;
    }

    /** Whether this member holds the claim: how a worker finds what it held when it was interrupted by a fault. */
    public boolean heldBy(int member) {
        return holder == member;
    }
}

package io.ringfence.dataplane.delivery;

import io.ringfence.scheduler.InheritingLock;
import io.ringfence.scheduler.NativeThread;

/**
 * The right to fill a VM's receive queues: tried, and waited for only by whoever lends its deadline.
 *
 * <p>Any worker may try. The holder may be preempted at any point, so that nobody may spin on it, or only for as long as a batch
 * takes; whoever fails puts its frame into a handoff instead. The winner of {@link #tryAcquire} sees everything that the last holder wrote before
 * {@link #release} (both are volatile accesses), which is what makes the queues' plain fields safe.
 *
 * <p>Release, then looking at {@link ReceiveSide#backlogged}, is one half of a pair; setting the backlog, then trying the
 * claim, is the other. Both being sequentially consistent, at least one side sees the other: a frame that was handed off
 * because the claim was held never stays unnoticed.
 *
 * <p>A batch lasts some microseconds. A claim that is still held much later is that of a worker whose budget ended in the
 * middle, and whose next period may be milliseconds away; {@link #acquireLending} has it go on at once.
 */
public final class Claim {
    private final InheritingLock lock = new InheritingLock();

    /** Who a member's worker is to claims, until its thread is known; nobody can lend to it. */
    public static int strangeHolder(int member) {
        return InheritingLock.stranger(member);
    }

    /**
     * Takes the claim if nobody has it.
     *
     * @param holder the kernel's id of the caller's thread, or a {@link #strangeHolder}
     */
    public boolean tryAcquire(int holder) {
        return lock.tryLock(holder);
    }

    /** Waits for the claim, and lends the calling thread's deadline to its holder; false if it was not had in time. */
    boolean acquireLending(NativeThread self, long untilNanos) {
        return lock.lockLending(self, untilNanos);
    }

    /** Gives the claim back; only by its holder. */
    public void release() {
        lock.unlock();
    }

    /** {@link InheritingLock#rehearse}, which does nothing while somebody holds the claim. */
    public void rehearse(int holder) {
        lock.rehearse(holder);
    }

    /** Who holds the claim; 0 if nobody does. */
    int holder() {
        return lock.holder();
    }

    /** Whether this one holds the claim: how a worker finds what it held when it was interrupted by a fault. */
    public boolean heldBy(int holder) {
        return lock.heldBy(holder);
    }
}

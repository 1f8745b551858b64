package io.ringfence.bench.claiming;

import io.ringfence.scheduler.InheritingLock;
import io.ringfence.vhostuser.virtqueue.BufferBatch;
import io.ringfence.vhostuser.virtqueue.SplitVirtqueue;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Used entries in the order in which buffers were claimed, which is that of the available ring: what IN_ORDER asks for.
 *
 * <p>Each sender writes its entries itself, at the position that its claim has given it, and marks its claim as finished. The used
 * index goes over the longest row of finished claims, moved by whoever has the token. A sender that is preempted in the middle of
 * its copy keeps all later frames from the guest.
 */
final class ClaimOrder implements Publication {
    private static final VarHandle FINISHED = MethodHandles.arrayElementVarHandle(int[].class);

    private final InheritingLock token = new InheritingLock();
    /** How many chains the claim that begins at a position has, once it is finished; 0 until then. */
    private final int[] finished;
    /** Guarded by the token. */
    private final SplitVirtqueue used;

    /** Position of the first chain that is not published; guarded by the token. */
    private long published;

    ClaimOrder(SharedQueue queue) {
        used = queue.view();
        finished = new int[queue.sizeEntries()];
        published = queue.claimed();
    }

    @Override
    public boolean publish(int sender, long from, SplitVirtqueue view, BufferBatch buffers, int[] written, int count) {
        view.stage(buffers, 0, count);
        FINISHED.setVolatile(finished, slot(from), count);
        int holder = InheritingLock.stranger(sender);
        boolean shown = false;
        // Who finds the token taken has marked first; who had it looks at the next mark after the release.
        while (token.tryLock(holder)) {
            shown |= show() > from;
            long next = published;
            token.unlock();
            if ((int) FINISHED.getVolatile(finished, slot(next)) == 0) {
                break;
            }
        }
        return shown;
    }

    private int slot(long position) {
        return (int) position & (finished.length - 1);
    }

    /** Moves the used index; returns where it is. */
    private long show() {
        int chains = 0;
        int count;
        while ((count = (int) FINISHED.getVolatile(finished, slot(published + chains))) != 0) {
            FINISHED.setVolatile(finished, slot(published + chains), 0);
            chains += count;
        }
        published += chains;
        used.commit(chains);
        if (used.publish()) {
            used.call();
        }
        return published;
    }
}

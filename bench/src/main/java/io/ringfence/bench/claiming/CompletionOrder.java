package io.ringfence.bench.claiming;

import io.ringfence.scheduler.InheritingLock;
import io.ringfence.vhostuser.virtqueue.BufferBatch;
import io.ringfence.vhostuser.virtqueue.SplitVirtqueue;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Used entries in the order in which copies are finished, under a token that is held for their stores alone.
 *
 * <p>A sender that is preempted in the middle of its copy keeps its own frames from the guest, and nobody else's. Not for a driver that
 * has negotiated IN_ORDER. Who finds the token taken puts its entries aside, in a ring with one writer, and sets its bit; who had the
 * token looks at the bits after releasing it. Both write first and look second, with full barriers, so one of them sees the other.
 */
final class CompletionOrder implements Publication {
    private final InheritingLock token = new InheritingLock();
    private final SharedLong waiting = new SharedLong(0);
    private final Aside[] asides;
    /** Guarded by the token. */
    private final SplitVirtqueue used;

    /** @param senders how many there are */
    CompletionOrder(SharedQueue queue, int senders) {
        used = queue.view();
        asides = new Aside[senders];
        for (int i = 0; i < senders; i++) {
            asides[i] = new Aside(queue.sizeEntries());
        }
    }

    /** The finished entries of one sender: it adds, and whoever has the token takes. */
    private static final class Aside {
        private static final VarHandle TAIL;

        static {
            try {
                TAIL = MethodHandles.lookup().findVarHandle(Aside.class, "tail", int.class);
            } catch (ReflectiveOperationException e) {
                throw new ExceptionInInitializerError(e);
            }
        }

        private final long[] entries;
        private int head;
        private int tail;

        /** As many as the queue has chains: no sender can have claimed more. */
        Aside(int sizeEntries) {
            entries = new long[sizeEntries];
        }

        void add(BufferBatch buffers, int[] written, int count) {
            int at = tail;
            for (int i = 0; i < count; i++) {
                entries[(at + i) & (entries.length - 1)] = (long) written[i] << 32 | buffers.head(i);
            }
            TAIL.setRelease(this, at + count);
        }

        /** Stages all there is, and commits it. */
        void moveTo(SplitVirtqueue used) {
            int until = (int) TAIL.getAcquire(this);
            int count = until - head;
            for (int i = 0; i < count; i++) {
                long entry = entries[(head + i) & (entries.length - 1)];
                used.stage(i, (int) entry, (int) (entry >>> 32));
            }
            head = until;
            used.commit(count);
        }
    }

    @Override
    public boolean publish(int sender, long from, SplitVirtqueue view, BufferBatch buffers, int[] written, int count) {
        int holder = InheritingLock.stranger(sender);
        if (!token.tryLock(holder)) {
            asides[sender].add(buffers, written, count);
            waiting.setBits(1L << sender);
            return showWaiting(holder);
        }
        moveWaiting(); // first: frames of this sender may be among them
        used.stage(buffers, 0, count);
        used.commit(count);
        show();
        token.unlock();
        showWaiting(holder);
        return true;
    }

    private boolean showWaiting(int holder) {
        boolean shown = false;
        while (waiting.get() != 0 && token.tryLock(holder)) {
            moveWaiting();
            show();
            token.unlock();
            shown = true;
        }
        return shown;
    }

    private void moveWaiting() {
        long senders = waiting.get() == 0 ? 0 : waiting.take();
        while (senders != 0) {
            asides[Long.numberOfTrailingZeros(senders)].moveTo(used);
            senders &= senders - 1;
        }
    }

    private void show() {
        if (used.publish()) {
            used.call();
        }
    }

    /** Stops in the middle of publishing, as one who is preempted there; for tests. */
    boolean stopPublishing(int sender) {
        return token.tryLock(InheritingLock.stranger(sender));
    }

    /** Goes on where {@link #stopPublishing} stopped, up to where the token is free again; for tests. */
    void letGo() {
        token.unlock();
    }

    /** Goes on where {@link #letGo} stopped; for tests. */
    void lookAgain(int sender) {
        boolean ignored = showWaiting(InheritingLock.stranger(sender));
    }
}

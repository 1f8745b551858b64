package io.ringfence.scheduler;

import io.ringfence.scheduler.linux.Futex;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * A lock that is tried, and whose holder inherits the deadline of a thread that waits for it nevertheless (futex(2),
 * "Priority-inheritance futexes").
 *
 * <p>So a holder that the kernel has throttled, because its budget ended while it had the lock, runs on with the waiter's
 * deadline until it gives the lock up. Nothing else helps against that inversion: its next period may be far away, and what
 * the lock guards cannot be taken from it. The CPU time that it uses meanwhile is bounded by how long it holds the lock.
 *
 * <p>Any thread may try. Trying and releasing are one compare-and-set each, with the effects of a volatile access, as long as
 * nobody waits. Nothing here allocates or holds up a safepoint.
 */
public final class InheritingLock {
    /** Above all thread ids that Linux gives (PID_MAX_LIMIT, 4 Mi). */
    private static final int STRANGERS = 1 << 24;

    private static final int CACHE_LINE_BYTES = 64;
    private static final VarHandle WORD = ValueLayout.JAVA_INT.varHandle();

    private final MemorySegment word = Arena.ofAuto().allocate(CACHE_LINE_BYTES, CACHE_LINE_BYTES);

    /** Names a holder that nobody can lend to, because its thread is not known. */
    public static int stranger(int number) {
        return STRANGERS + number;
    }

    /**
     * Takes the lock if nobody has it.
     *
     * @param holder the kernel's id of the calling thread, or a {@link #stranger}
     */
    public boolean tryLock(int holder) {
        return (int) WORD.getVolatile(word, 0L) == 0 && WORD.compareAndSet(word, 0L, 0, holder);
    }

    /**
     * Waits for the lock and lends the calling thread's deadline to its holder meanwhile.
     *
     * @param thread the calling thread's
     * @param untilNanos when to give up, as {@link System#nanoTime}
     * @return false if the lock was not had: the time is over, or the holder is a {@link #stranger} or the calling thread
     */
    public boolean lockLending(NativeThread thread, long untilNanos) {
        return thread.lock(word, untilNanos);
    }

    /** Gives the lock up; only by its holder. */
    public void unlock() {
        int holder = (int) WORD.get(word, 0L) & Futex.HOLDER_MASK;
        if (!WORD.compareAndSet(word, 0L, holder, 0) && !Futex.unlock(word)) {
            WORD.setVolatile(word, 0L, 0); // a stranger, whom the kernel does not know as the holder
        }
    }

    /**
     * Gives the lock up as if somebody waited for it, if nobody has it: the kernel's part of {@link #unlock} is needed rarely, and would
     * be linked and interpreted when it counts. Any thread; others find the lock taken meanwhile.
     *
     * @param holder the calling thread's id, whom the kernel lets give it up, or a {@link #stranger}, whom it does not
     */
    public void rehearse(int holder) {
        if (WORD.compareAndSet(word, 0L, 0, holder | Futex.WAITERS)) {
            unlock();
        }
    }

    /** Who has it: a thread id or a {@link #stranger}, or 0 if nobody has. */
    public int holder() {
        return (int) WORD.getVolatile(word, 0L) & Futex.HOLDER_MASK;
    }

    /** Whether this one has it: how a worker finds what it held when it was interrupted by a fault. */
    public boolean heldBy(int holder) {
        return holder() == holder;
    }
}

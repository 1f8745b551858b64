package io.ringfence.scheduler.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * The slow path of a lock whose holder inherits the priority or the deadline of those who wait for it: futex(2),
 * "Priority-inheritance futexes". Plain downcalls, for the reasons that {@link ThreadCalls} gives.
 *
 * <p>The word is 0 while nobody has the lock, else the thread id of its holder, with {@link #WAITERS} set once somebody waits.
 *
 * <p>No string constant may be added here that is not used at once: HotSpot creates those of a class when C2 is first asked to compile
 * one of its methods, in the thread that asks, which would be a worker in the middle of its traffic.
 */
public final class Futex {
    /** The bits of the word that hold a thread id: FUTEX_TID_MASK. */
    public static final int HOLDER_MASK = 0x3fff_ffff;

    /** FUTEX_WAITERS: the lock must be given up by {@link #unlock}. */
    public static final int WAITERS = 0x8000_0000;

    private static final int UNLOCK_PI = 7;
    /** With a timeout by CLOCK_MONOTONIC; since Linux 5.14. */
    private static final int LOCK_PI2 = 13;

    private static final int PRIVATE = 128;
    private static final long NANOS_PER_SECOND = 1_000_000_000L;
    private static final long NUMBER = SystemCallNumbers.OF_THIS_MACHINE.futex();

    private static final MethodHandle SYSCALL = Linker.nativeLinker()
            .downcallHandle(
                    Linker.nativeLinker().defaultLookup().findOrThrow("syscall"),
                    FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS),
                    Linker.Option.firstVariadicArg(1));

    private Futex() {}

    /**
     * Waits for the lock, and lends the calling thread's priority to whoever has it.
     *
     * @param untilNanos when to give up, as {@link System#nanoTime}
     * @param timespec scratch space of {@link ThreadCalls#TIMESPEC_BYTES}
     * @return false if the time is over, if the word names no living thread or the calling one, or if this kernel cannot
     */
    public static boolean lock(MemorySegment word, long untilNanos, MemorySegment timespec) {
        timespec.set(JAVA_LONG, 0, untilNanos / NANOS_PER_SECOND);
        timespec.set(JAVA_LONG, 8, untilNanos % NANOS_PER_SECOND);
        return call(word, LOCK_PI2, timespec);
    }

    /** Gives the lock to the first of those who wait; false if the calling thread has it not. */
    public static boolean unlock(MemorySegment word) {
        return call(word, UNLOCK_PI, MemorySegment.NULL);
    }

    private static boolean call(MemorySegment word, int operation, MemorySegment timeout) {
        try {
            return (long) SYSCALL.invokeExact(NUMBER, word, operation | PRIVATE, 0, timeout) == 0;
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }
}

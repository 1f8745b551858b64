package io.ringfence.scheduler.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * The calls of a worker about itself, as plain foreign-function downcalls: they allocate nothing.
 *
 * <p>Never {@code Linker.Option.critical}: a critical call keeps the thread in Java state, and a worker that sleeps or is
 * throttled there holds up every safepoint of the JVM (measured: 38 ms instead of 3 us).
 *
 * <p>None of these calls reports through errno: {@code clock_nanosleep} returns its error, the others cannot fail with
 * valid arguments.
 */
public final class ThreadCalls {
    /** Size of {@code struct timespec} on 64-bit Linux: two longs, seconds and nanoseconds. */
    public static final long TIMESPEC_BYTES = 16;

    private static final int CLOCK_MONOTONIC = 1;
    private static final int CLOCK_THREAD_CPUTIME_ID = 3;
    private static final int TIMER_ABSTIME = 1;
    private static final int EINTR = 4;
    private static final long NANOS_PER_SECOND = 1_000_000_000L;
    private static final ValueLayout.OfLong LONG = JAVA_LONG;

    private static final MethodHandle SCHED_YIELD = downcall("sched_yield", FunctionDescriptor.of(JAVA_INT));
    private static final MethodHandle GETTID = downcall("gettid", FunctionDescriptor.of(JAVA_INT));
    private static final MethodHandle CLOCK_GETTIME =
            downcall("clock_gettime", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS));
    private static final MethodHandle CLOCK_NANOSLEEP =
            downcall("clock_nanosleep", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS));

    private static final int O_CLOEXEC = 0x80000;
    private static final MethodHandle OPEN = Linker.nativeLinker()
            .downcallHandle(
                    Linker.nativeLinker().defaultLookup().findOrThrow("open"),
                    FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT),
                    Linker.Option.firstVariadicArg(2));
    private static final MethodHandle PREAD =
            downcall("pread", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG));
    private static final MethodHandle CLOSE = downcall("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));

    private ThreadCalls() {}

    /** {@code open(2)} for reading; negative if it fails. Not for the packet path: it allocates. */
    static int openReadOnly(String path) {
        try (Arena arena = Arena.ofConfined()) {
            return (int) OPEN.invokeExact(arena.allocateFrom(path), O_CLOEXEC);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** {@code pread(2)}; how many bytes, negative if it fails. */
    static int read(int fd, MemorySegment into, int lengthBytes, long offset) {
        try {
            return (int) (long) PREAD.invokeExact(fd, into, (long) lengthBytes, offset);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    static void close(int fd) {
        try {
            int ignored = (int) CLOSE.invokeExact(fd);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** {@code sched_yield(2)}: under SCHED_DEADLINE it gives up the rest of the runtime and returns in the next period. */
    public static void yieldProcessor() {
        try {
            int ignored = (int) SCHED_YIELD.invokeExact();
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** {@code gettid(2)}: the kernel's id of the calling thread. */
    public static int threadId() {
        try {
            return (int) GETTID.invokeExact();
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** CPU time of the calling thread, in ns; {@code timespec} is scratch space of {@link #TIMESPEC_BYTES}. */
    public static long cpuTimeNanos(MemorySegment timespec) {
        try {
            int ignored = (int) CLOCK_GETTIME.invokeExact(CLOCK_THREAD_CPUTIME_ID, timespec);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
        return timespec.get(LONG, 0) * NANOS_PER_SECOND + timespec.get(LONG, 8);
    }

    /**
     * Sleeps until {@code System.nanoTime()} reaches {@code wakeNanos} (both are CLOCK_MONOTONIC), also across signals;
     * returns false at once if that is past. {@code timespec} is scratch space of {@link #TIMESPEC_BYTES}.
     */
    public static boolean sleepUntil(long wakeNanos, MemorySegment timespec) {
        if (wakeNanos - System.nanoTime() <= 0) {
            return false; // the kernel would arm a timer and switch threads even so
        }
        clockNanosleep(wakeNanos, timespec);
        return true;
    }

    /** As {@link #sleepUntil}, but asks the kernel in any case. */
    public static void clockNanosleep(long wakeNanos, MemorySegment timespec) {
        timespec.set(LONG, 0, wakeNanos / NANOS_PER_SECOND);
        timespec.set(LONG, 8, wakeNanos % NANOS_PER_SECOND);
        try {
            while ((int) CLOCK_NANOSLEEP.invokeExact(CLOCK_MONOTONIC, TIMER_ABSTIME, timespec, MemorySegment.NULL)
                    == EINTR) {
                // The time is absolute: going on costs nothing.
            }
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    private static MethodHandle downcall(String name, FunctionDescriptor descriptor) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), descriptor);
    }
}

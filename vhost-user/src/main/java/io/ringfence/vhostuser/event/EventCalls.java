package io.ringfence.vhostuser.event;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;

/**
 * The system calls of the packet path that concern event file descriptors, as plain foreign-function downcalls.
 *
 * <p>Never {@code Linker.Option.critical}: a thread that blocks or is preempted in a critical call still counts as
 * running Java and would hold up every safepoint of the JVM. Nor {@code captureCallState}: it takes a slice of the segment given, an
 * object for each call until the caller is compiled by the last compiler.
 */
final class EventCalls {
    private static final Linker LINKER = Linker.nativeLinker();
    private static final SymbolLookup LIBC = LINKER.defaultLookup();

    private static final MethodHandle WRITE =
            downcall("write", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG));
    private static final MethodHandle READ =
            downcall("read", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG));
    private static final MethodHandle EPOLL_WAIT =
            downcall("epoll_wait", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT));
    private static final MethodHandle PPOLL =
            downcall("ppoll", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, ADDRESS, ADDRESS));

    /** The value every signal adds to an eventfd; never written after class initialisation. */
    private static final MemorySegment ONE = one();

    private EventCalls() {}

    private static MethodHandle downcall(String name, FunctionDescriptor descriptor) {
        return LINKER.downcallHandle(LIBC.findOrThrow(name), descriptor);
    }

    private static MemorySegment one() {
        MemorySegment segment = Arena.global().allocate(JAVA_LONG);
        segment.set(JAVA_LONG, 0, 1L);
        return segment;
    }

    /** Adds one to the eventfd; nothing if there is none (-1), or if the counter is full, which is a signal already. */
    static void signal(int fd) {
        try {
            long ignored = (long) WRITE.invokeExact(fd, ONE, 8L);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    static long read(int fd, MemorySegment into) {
        try {
            return (long) READ.invokeExact(fd, into, 8L);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /** {@code epoll_wait(2)}; how many descriptors are ready, negative after a signal. */
    static int epollWait(int epollFd, MemorySegment events, int maxEvents, int timeoutMillis) {
        try {
            return (int) EPOLL_WAIT.invokeExact(epollFd, events, maxEvents, timeoutMillis);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /** {@code ppoll(2)} of one descriptor; returns 1 if it is ready, else 0 or less. */
    static int poll(MemorySegment pollfd, MemorySegment timespec) {
        try {
            return (int) PPOLL.invokeExact(pollfd, 1L, timespec, MemorySegment.NULL);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    private static AssertionError unexpected(Throwable e) {
        return new AssertionError("a foreign-function downcall threw", e);
    }
}

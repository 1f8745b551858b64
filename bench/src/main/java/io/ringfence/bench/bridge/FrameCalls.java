package io.ringfence.bench.bridge;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** The system calls made for each frame and each wait, as foreign-function downcalls: by JNA they would cost a peer too much. */
final class FrameCalls {
    private static final MethodHandle READV =
            downcall("readv", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle WRITEV =
            downcall("writev", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle EPOLL_WAIT =
            downcall("epoll_wait", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT));

    private FrameCalls() {}

    private static MethodHandle downcall(String name, FunctionDescriptor descriptor) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), descriptor);
    }

    /** See readv(2); negative on failure. */
    static long readv(int fd, MemorySegment vector, int count) {
        try {
            return (long) READV.invokeExact(fd, vector, count);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /** See writev(2); negative on failure. */
    static long writev(int fd, MemorySegment vector, int count) {
        try {
            return (long) WRITEV.invokeExact(fd, vector, count);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    /** See epoll_wait(2), without a time limit; negative if it was interrupted. */
    static int epollWait(int epollFd, MemorySegment events, int maxEvents) {
        try {
            return (int) EPOLL_WAIT.invokeExact(epollFd, events, maxEvents, -1);
        } catch (Throwable e) {
            throw unexpected(e);
        }
    }

    private static AssertionError unexpected(Throwable e) {
        return new AssertionError("a foreign-function downcall threw", e);
    }
}

package io.ringfence.testing;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** A thread without CAP_SYS_NICE in a process that has it: for the kernel, capabilities and niceness are the thread's. */
public final class LostRight {
    private static final int VERSION_3 = 0x2008_0522;
    private static final int CAP_SYS_NICE_BIT = 1 << 23;
    private static final int EFFECTIVE_OFFSET = 0;
    private static final int PERMITTED_OFFSET = 4;
    private static final int PRIO_PROCESS = 0;
    private static final int CALLING_THREAD = 0;

    private LostRight() {}

    /** Takes the right from the calling thread, for good. */
    public static void giveUp() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment header = arena.allocate(8, 4); // struct __user_cap_header_struct: version, pid
            MemorySegment sets = arena.allocate(24, 4); // struct __user_cap_data_struct[2]
            header.set(JAVA_INT, 0, VERSION_3);
            call("capget", header, sets);
            for (int offset : new int[] {EFFECTIVE_OFFSET, PERMITTED_OFFSET}) {
                sets.set(JAVA_INT, offset, sets.get(JAVA_INT, offset) & ~CAP_SYS_NICE_BIT);
            }
            call("capset", header, sets);
        }
    }

    /** The same for a thread of niceness 10, which then may not even have the default policy again. */
    public static void giveUpWhenNice() {
        var descriptor = FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT);
        try {
            require("setpriority", (int)
                    handle("setpriority", descriptor).invokeExact(PRIO_PROCESS, CALLING_THREAD, 10));
        } catch (Throwable failure) {
            throw new AssertionError(failure);
        }
        giveUp();
    }

    private static void call(String name, MemorySegment header, MemorySegment sets) {
        var descriptor = FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS);
        try {
            require(name, (int) handle(name, descriptor).invokeExact(header, sets));
        } catch (Throwable failure) {
            throw new AssertionError(failure);
        }
    }

    private static MethodHandle handle(String name, FunctionDescriptor descriptor) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), descriptor);
    }

    private static void require(String name, int result) {
        if (result != 0) {
            throw new AssertionError(name + " failed");
        }
    }
}

package io.ringfence.scheduler;

import io.ringfence.scheduler.linux.SchedulerCalls;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** The memory of this process. */
public final class ProcessMemory {
    private ProcessMemory() {}

    /** Keeps all present and future pages in memory ({@code mlockall(2)}); returns whether the kernel agreed. */
    public static boolean lock() {
        return SchedulerCalls.lockAllMemory() == 0;
    }

    /**
     * Allocates zeroed memory of which each page takes room only from the first access on.
     *
     * <p>For much that is rarely used; {@link Arena#allocate} touches all of it. It belongs to no arena: to close a shared one, the
     * JVM halts each of its threads in turn.
     *
     * @return memory that begins with a page; until {@link #free}
     * @throws IllegalStateException if the kernel refuses
     */
    public static MemorySegment onDemand(long lengthBytes) {
        return MemorySegment.ofAddress(SchedulerCalls.mapAnonymous(lengthBytes)).reinterpret(lengthBytes);
    }

    /**
     * Frees what {@link #onDemand} gave; once, and only when no thread knows it any more: an access after that may end the process.
     */
    public static void free(MemorySegment onDemand) {
        SchedulerCalls.unmap(onDemand.address(), onDemand.byteSize());
    }
}

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
     * <p>For much that is rarely used; {@link Arena#allocate} touches all of it.
     *
     * @param arena frees it
     * @return memory that begins with a page
     * @throws IllegalStateException if the kernel refuses
     */
    public static MemorySegment onDemand(long lengthBytes, Arena arena) {
        long address = SchedulerCalls.mapAnonymous(lengthBytes);
        return MemorySegment.ofAddress(address)
                .reinterpret(lengthBytes, arena, ignored -> SchedulerCalls.unmap(address, lengthBytes));
    }
}

package io.ringfence.scheduler;

import io.ringfence.scheduler.linux.SchedulerCalls;

/** The memory of this process. */
public final class ProcessMemory {
    private ProcessMemory() {}

    /** Keeps all present and future pages in memory ({@code mlockall(2)}); returns whether the kernel agreed. */
    public static boolean lock() {
        return SchedulerCalls.lockAllMemory() == 0;
    }
}

package io.ringfence.scheduler;

import io.ringfence.scheduler.SchedulingAttributes.Policy;
import io.ringfence.scheduler.SchedulingRefusedException.Rule;
import io.ringfence.scheduler.linux.Proc;
import io.ringfence.scheduler.linux.SchedAttr;
import io.ringfence.scheduler.linux.SchedulerCalls;

/**
 * Has this process go before others on the housekeeping CPUs, because workers may have to wait for any of its threads.
 *
 * <p>A worker whose compiled code met something new is interpreted, some twenty times slower, until it is compiled again; and it
 * asks for that under a lock that the compilers take too. At a safepoint all workers wait for the VM thread, and that one waits for
 * every thread that runs Java code. So a thread that other programs keep from its CPU holds up workers that the kernel
 * schedules perfectly: behind a busy loop of niceness -10, a wait of 17 ms for that lock was traced.
 *
 * <p>All get the same, for any of them may be the one that is waited for: with the collectors before the rest, safepoints waited 2 ms
 * for threads that these kept from the CPU.
 */
public final class HousekeepingPriority {
    /** With this, a thread gets 87 times what one of niceness 0 does, and they get the rest. */
    static final int NICENESS = -20;

    private HousekeepingPriority() {}

    /**
     * Raises all present threads of this process that have the default policy, as workers have not; threads that they start later
     * inherit it, and so do processes.
     *
     * @throws SchedulingRefusedException if the kernel refuses, for want of CAP_SYS_NICE
     */
    public static void raise() {
        give(NICENESS);
    }

    static void give(int niceness) {
        for (int threadId : Proc.threads()) {
            if (hasDefaultPolicy(threadId)) {
                give(threadId, niceness);
            }
        }
    }

    private static void give(int threadId, int niceness) {
        try {
            ThreadScheduling.applyOther(threadId, niceness);
        } catch (SchedulingRefusedException refused) {
            if (refused.rule() != Rule.NO_SUCH_THREAD) {
                throw refused;
            }
        }
    }

    private static boolean hasDefaultPolicy(int threadId) {
        try {
            SchedAttr attributes = SchedulerCalls.getAttributes(threadId);
            return SchedulingAttributes.of(attributes).policy() == Policy.OTHER;
        } catch (IllegalArgumentException gone) {
            return false;
        }
    }
}

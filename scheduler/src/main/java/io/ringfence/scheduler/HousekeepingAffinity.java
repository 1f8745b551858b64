package io.ringfence.scheduler;

import io.ringfence.scheduler.SchedulingRefusedException.Rule;
import io.ringfence.scheduler.linux.Proc;
import io.ringfence.scheduler.linux.SchedulerCalls;
import java.util.BitSet;

/**
 * Keeps the JVM's own threads (GC, compiler, control plane) off the dataplane CPUs. To be applied before workers start:
 * threads started later inherit the affinity, and a worker gets its CPU by {@link CpuPartition#admit}.
 */
public final class HousekeepingAffinity {
    private HousekeepingAffinity() {}

    /** What {@link #confine} says of no CPUs at all. */
    public static final String NO_CPU_LEFT = "no CPU is left for housekeeping; take fewer dataplane CPUs";

    /**
     * Confines all present threads of this process to all CPUs but {@code dataplaneCpus}; returns the CPUs left.
     *
     * @throws SchedulingRefusedException if no CPU is left or the kernel refuses
     */
    public static BitSet excludeCpus(BitSet dataplaneCpus) {
        BitSet cpus = OnlineCpus.read();
        cpus.andNot(dataplaneCpus);
        confine(cpus);
        return cpus;
    }

    /**
     * Lets all present threads of this process run on every CPU that their cpusets have.
     *
     * @throws SchedulingRefusedException if the kernel refuses
     */
    public static void release() {
        BitSet all = OnlineCpus.read();
        for (int threadId : Proc.threads()) {
            int error = SchedulerCalls.setAffinity(threadId, all);
            BitSet now = SchedulerCalls.getAffinity(threadId);
            if (error != 0 && !now.isEmpty()) {
                throw Refusal.ofAffinity(threadId, all, now, error);
            }
        }
    }

    /**
     * Confines all present threads of this process to the given CPUs and reads back that the kernel did so.
     *
     * @throws SchedulingRefusedException if the set is empty or the kernel refuses for a thread
     */
    public static void confine(BitSet cpus) {
        if (cpus.isEmpty()) {
            throw new SchedulingRefusedException(Rule.AFFINITY, NO_CPU_LEFT);
        }
        // A thread that starts meanwhile inherits the affinity of one not yet confined: go round until none is new.
        boolean changed = true;
        for (int round = 0; changed && round < 10; round++) {
            changed = false;
            for (int threadId : Proc.threads()) {
                changed |= confine(threadId, cpus);
            }
        }
    }

    private static boolean confine(int threadId, BitSet cpus) {
        if (SchedulerCalls.getAffinity(threadId).equals(cpus)) {
            return false;
        }
        int error = SchedulerCalls.setAffinity(threadId, cpus);
        BitSet now = SchedulerCalls.getAffinity(threadId);
        if (now.isEmpty()) {
            return true; // it has ended
        }
        if (error != 0 || !now.equals(cpus)) {
            throw Refusal.ofAffinity(threadId, cpus, now, error);
        }
        return true;
    }
}

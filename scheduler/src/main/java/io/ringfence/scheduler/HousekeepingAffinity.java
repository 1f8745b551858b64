package io.ringfence.scheduler;

import io.ringfence.scheduler.SchedulingRefusedException.Rule;
import io.ringfence.scheduler.linux.CpuList;
import io.ringfence.scheduler.linux.Proc;
import io.ringfence.scheduler.linux.SchedulerCalls;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the JVM's own threads (GC, compiler, control plane) off the dataplane CPUs. To be applied before workers start:
 * threads started later inherit the affinity, and a worker gets its CPU by {@link CpuPartition#admit}.
 */
public final class HousekeepingAffinity {
    /** Threads may start others while they are confined; so often it is looked whether some are new. */
    private static final int ROUNDS = 10;

    /** What the process might run on when it was not confined; null as long as it is not. */
    private static @Nullable BitSet before;

    private HousekeepingAffinity() {}

    /** What {@link #confine} says of no CPUs at all. */
    public static final String NO_CPU_LEFT = "no CPU is left for housekeeping; take fewer dataplane CPUs";

    /**
     * Confines all present threads of this process to those CPUs but {@code dataplaneCpus} that it was started with: what the
     * operator has set by CPUAffinity= or taskset(1), and what its cpuset has. If that is none, for it was meant for the workers, to
     * all others of its cpuset.
     *
     * @throws SchedulingRefusedException if no CPU is left or the kernel refuses
     */
    public static synchronized HousekeepingCpus excludeCpus(BitSet dataplaneCpus) {
        BitSet given = before == null ? ofProcess() : before;
        BitSet cpus = without(given, dataplaneCpus);
        if (cpus.isEmpty()) {
            BitSet ofCpuset = ofCpuset();
            cpus = without(ofCpuset, dataplaneCpus);
            if (cpus.isEmpty()) {
                throw noneLeft(ofCpuset, dataplaneCpus);
            }
        }
        before = given;
        confine(cpus);
        return new HousekeepingCpus(cpus, given);
    }

    private static BitSet without(BitSet cpus, BitSet others) {
        BitSet rest = (BitSet) cpus.clone();
        rest.andNot(others);
        return rest;
    }

    /** Of its first thread, which nobody else confines: the kernel has taken off what is offline or not in its cpuset. */
    private static BitSet ofProcess() {
        return SchedulerCalls.getAffinity((int) ProcessHandle.current().pid());
    }

    /** What the kernel gives to a thread that wants all; the files of the cpuset may not be there, as in a container. */
    private static BitSet ofCpuset() {
        int self = NativeThread.currentId();
        BitSet held = SchedulerCalls.getAffinity(self);
        int refused = SchedulerCalls.setAffinity(self, OnlineCpus.read());
        BitSet all = SchedulerCalls.getAffinity(self);
        if (refused == 0) {
            refused = SchedulerCalls.setAffinity(self, held);
        }
        if (refused != 0) {
            throw Refusal.ofAffinity(self, held, all, refused);
        }
        return all;
    }

    private static SchedulingRefusedException noneLeft(BitSet ofCpuset, BitSet dataplaneCpus) {
        return new SchedulingRefusedException(
                Rule.AFFINITY,
                "no CPU is left for housekeeping: the cpuset of this process has CPUs %s, and those for the dataplane are %s;"
                                .formatted(CpuList.format(ofCpuset), CpuList.format(dataplaneCpus))
                        + " expected another one besides: give it more CPUs (AllowedCPUs= of its systemd unit), or take"
                        + " fewer dataplane CPUs");
    }

    /**
     * Gives all present threads of this process the CPUs back that it might run on before {@link #excludeCpus}; does nothing if
     * that was not called.
     *
     * @throws SchedulingRefusedException if the kernel refuses for a thread; the others have them back then
     */
    public static synchronized void release() {
        BitSet given = before;
        if (given == null) {
            return;
        }
        before = null;
        SchedulingRefusedException refused = null;
        boolean changed = true;
        for (int round = 0; changed && round < ROUNDS; round++) {
            changed = false;
            for (int threadId : Proc.threads()) {
                BitSet earlier = SchedulerCalls.getAffinity(threadId);
                int error = earlier.equals(given) ? 0 : SchedulerCalls.setAffinity(threadId, given);
                BitSet now = SchedulerCalls.getAffinity(threadId);
                // Not "is as it was given": a thread may be in a cpuset that has less by now.
                changed |= !now.equals(earlier);
                if (error != 0 && !now.isEmpty()) {
                    refused = Refusal.ofAffinity(threadId, given, now, error);
                }
            }
        }
        if (refused != null) {
            throw refused;
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
        for (int round = 0; changed && round < ROUNDS; round++) {
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

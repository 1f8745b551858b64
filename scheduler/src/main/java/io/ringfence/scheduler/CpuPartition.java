package io.ringfence.scheduler;

import io.ringfence.scheduler.SchedulingRefusedException.Rule;
import io.ringfence.scheduler.linux.CpuList;
import io.ringfence.scheduler.linux.CpuTakenException;
import io.ringfence.scheduler.linux.CpusetException;
import io.ringfence.scheduler.linux.CpusetHierarchy;
import io.ringfence.scheduler.linux.PartitionName;
import io.ringfence.scheduler.linux.Proc;
import io.ringfence.scheduler.linux.ResumeLatency;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An exclusive one-CPU cpuset: a root domain of its own, in which pinned threads may be SCHED_DEADLINE. Works with cgroup
 * version 1 and version 2, whichever has the cpuset controller. Needs root. Safe for use by any thread.
 *
 * <p>The partition's folder carries pid and start time of its process. Whatever a killed process left is removed by the
 * next {@link #create} or {@link #removeStale}; partitions of living processes are never touched, so that several
 * processes may share a host, with different CPUs.
 */
public final class CpuPartition implements AutoCloseable {
    /** How often a partition that does not come into force is made anew. */
    private static final int ATTEMPTS = 5;

    private final CpusetHierarchy hierarchy;
    private final Path folder;
    private final int cpu;
    private final Map<Integer, Path> origins = new HashMap<>();
    private @Nullable String resumeLatency;
    /** When the kernel will have released the bandwidth of all threads withdrawn. */
    private long releasedNanos = System.nanoTime();

    private boolean closed;

    private CpuPartition(CpusetHierarchy hierarchy, Path folder, int cpu) {
        this.hierarchy = hierarchy;
        this.folder = folder;
        this.cpu = cpu;
    }

    /**
     * Makes the partition of one CPU, after removing what dead processes left.
     *
     * @throws SchedulingRefusedException if the host does not allow it, with the reason
     */
    public static CpuPartition create(int cpu) {
        for (int attempt = 1; ; attempt++) {
            CpuPartition partition = createOnce(cpu);
            try {
                AdmissionControl.awaitEnforced(partition);
                return partition;
            } catch (SchedulingRefusedException refused) {
                partition.close();
                // Now and then the kernel misses the change of the cpusets and keeps one root domain for all CPUs.
                if (attempt == ATTEMPTS) {
                    throw refused;
                }
            }
        }
    }

    private static CpuPartition createOnce(int cpu) {
        try {
            CpusetHierarchy hierarchy = CpusetHierarchy.detect();
            removeStale(hierarchy);
            return new CpuPartition(hierarchy, hierarchy.create(PartitionName.ofThisProcess(cpu)), cpu);
        } catch (CpusetException failure) {
            throw refused("no partition of CPU " + cpu, failure);
        }
    }

    /**
     * Removes the partitions of dead processes and restores load balancing if none is left; returns the names removed.
     *
     * @throws SchedulingRefusedException if a folder cannot be removed
     */
    public static List<String> removeStale() {
        try {
            return removeStale(CpusetHierarchy.detect()).stream()
                    .map(PartitionName::toString)
                    .toList();
        } catch (CpusetException failure) {
            throw refused("cannot clean up after an earlier run", failure);
        }
    }

    private static List<PartitionName> removeStale(CpusetHierarchy hierarchy) throws CpusetException {
        List<PartitionName> stale = hierarchy.removeStale();
        for (PartitionName partition : stale) {
            try {
                ResumeLatency.reset(partition.cpu());
            } catch (IOException failure) {
                throw sleepless(partition.cpu(), failure);
            }
        }
        return stale;
    }

    /** The CPU of this partition. */
    public int cpu() {
        return cpu;
    }

    /**
     * Keeps the CPU from sleeping while it is idle, until the partition is closed: a thread on it then wakes in a few
     * microseconds instead of tens, on virtual machines, for a quarter of the CPU time. Costs power, or a hypervisor's CPU
     * time; does nothing on a CPU without an idle driver.
     *
     * @throws IOException if the kernel cannot do that, or this process may not have it done
     */
    public synchronized void keepAwake() throws IOException {
        if (resumeLatency == null && !closed) {
            resumeLatency = ResumeLatency.forbidSleep(cpu);
        }
    }

    /**
     * Moves a thread into the partition, which pins it to the CPU. It must not be SCHED_DEADLINE yet: partition first,
     * policy second. Best called by the thread itself: one that sleeps counts as on its old CPU, and is refused
     * SCHED_DEADLINE, until it wakes.
     *
     * @throws SchedulingRefusedException if the kernel refuses, or runs the thread elsewhere nevertheless
     */
    public synchronized void admit(int threadId) {
        if (closed) {
            throw new IllegalStateException("the partition of CPU " + cpu + " is closed");
        }
        Path origin = hierarchy
                .groupOf(threadId)
                .orElseThrow(() -> new SchedulingRefusedException(
                        Rule.NO_SUCH_THREAD, "cannot move thread " + threadId + " to CPU " + cpu + ": it has ended"));
        try {
            hierarchy.move(threadId, folder);
        } catch (CpusetException failure) {
            throw refused("cannot move thread " + threadId + " to the partition of CPU " + cpu, failure);
        }
        origins.putIfAbsent(threadId, origin);
        String allowed = CpuList.format(Proc.allowedCpus(threadId));
        if (!allowed.equals(Integer.toString(cpu))) {
            throw new SchedulingRefusedException(
                    Rule.PARTITION,
                    "thread " + threadId + " is in the partition of CPU " + cpu + " but may run on CPUs " + allowed
                            + "; has another program changed " + folder + "?");
        }
    }

    /**
     * Takes the reservation of one of its threads, which may have ended, from outside: for one that is about to end and whose
     * reservation may be too small for that. To be followed by {@link #close}, which has the kernel count anew; see {@link
     * ThreadScheduling#leaveDeadline} for a thread of a partition that stays.
     */
    public synchronized void withdraw(int threadId) {
        long periodNanos = Math.min(ThreadScheduling.withdraw(threadId), ThreadScheduling.LONGEST_AWAITED_PERIOD_NANOS);
        if (periodNanos > 0) {
            // The 0-lag time is within a period, or later by what is overdrawn: mostly less than a runtime.
            long laterNanos = System.nanoTime() + 2 * periodNanos + ThreadScheduling.RELEASED_WITHIN_NANOS;
            releasedNanos = laterNanos - releasedNanos > 0 ? laterNanos : releasedNanos;
        }
    }

    /** The same for all of its threads; where several partitions are to be closed, for each first, since {@link #close} waits. */
    public synchronized void withdrawAll() {
        if (!closed) {
            hierarchy.threadsIn(folder).forEach(this::withdraw);
        }
    }

    /**
     * Moves the threads back to where they came from, with the default policy, and removes the partition, after two periods, or 400 ms if they are longer:
     * else the bandwidth of threads withdrawn would be subtracted from that of the whole host, as {@link
     * ThreadScheduling#leaveDeadline} explains. Threads that the admitted ones have started are in the partition too, and leave
     * it as well.
     *
     * @throws SchedulingRefusedException if the folder cannot be removed
     */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        // Outside the partition a reservation would be something else than what was admitted.
        withdrawAll();
        closed = true;
        try {
            Path fallback = hierarchy
                    .groupOf((int) ProcessHandle.current().pid())
                    .filter(group -> !group.equals(folder))
                    .orElse(folder.resolveSibling(""));
            new NativeThread().sleepUntil(releasedNanos);
            for (int threadId : hierarchy.threadsIn(folder)) {
                leave(threadId, origins.getOrDefault(threadId, fallback));
            }
            hierarchy.remove(folder);
        } catch (CpusetException failure) {
            throw refused("cannot remove the partition of CPU " + cpu, failure);
        } finally {
            letSleep();
        }
    }

    private void letSleep() {
        if (resumeLatency != null) {
            try {
                ResumeLatency.restore(cpu, resumeLatency);
            } catch (IOException failure) {
                throw sleepless(cpu, failure);
            }
        }
    }

    private static SchedulingRefusedException sleepless(int cpu, IOException cause) {
        return new SchedulingRefusedException(
                Rule.PARTITION, "cannot let CPU " + cpu + " sleep again: " + cause, cause);
    }

    private void leave(int threadId, Path group) throws CpusetException {
        try {
            hierarchy.move(threadId, group);
        } catch (CpusetException failure) {
            if (hierarchy.threadsIn(folder).contains(threadId)) {
                throw failure;
            }
        }
    }

    private static SchedulingRefusedException refused(String what, CpusetException cause) {
        Rule rule = cause instanceof CpuTakenException ? Rule.CPUSET : Rule.PARTITION;
        return new SchedulingRefusedException(rule, what + ": " + cause.getMessage(), cause);
    }
}

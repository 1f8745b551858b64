package io.ringfence.scheduler.linux;

import java.nio.file.Path;
import java.util.List;

/** A partition could not be made because its CPU belongs to another cpuset, or is not there; the message says whose. */
public final class CpuTakenException extends CpusetException {
    private static final long serialVersionUID = 1;

    CpuTakenException(String message) {
        super(message);
    }

    /** The hierarchy does not have this CPU. */
    static CpuTakenException absent(int cpu, Path root, String cpus) {
        return new CpuTakenException("CPU " + cpu + " is not among the CPUs of " + root + " (" + cpus + ")");
    }

    /** A group has it. */
    static CpuTakenException by(Path group, int cpu, String cpus, List<Integer> threadIds) {
        return new CpuTakenException("CPU " + cpu + " is already in the cpuset " + group + " (CPUs " + cpus + ", tasks "
                + threadIds
                + "); a partition must be exclusive: take another CPU, or end its owner, or take the CPU out"
                + " of that cpuset");
    }
}

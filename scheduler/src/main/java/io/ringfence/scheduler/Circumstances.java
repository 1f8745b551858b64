package io.ringfence.scheduler;

import io.ringfence.scheduler.linux.CpusetException;
import io.ringfence.scheduler.linux.CpusetHierarchy;
import io.ringfence.scheduler.linux.Proc;
import io.ringfence.scheduler.linux.RealtimeGroup;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What there is to know about a thread and its host when the kernel has refused it something.
 *
 * @param niceCapability whether the process has CAP_SYS_NICE
 * @param userNamespace whether it is in a user namespace of its own, where capabilities count for nothing here
 * @param realtimeMicros {@code sched_rt_runtime_us}; negative for no limit
 * @param limit the share of a CPU that reservations may add up to
 * @param minPeriodMicros {@code sched_deadline_period_min_us}
 * @param maxPeriodMicros {@code sched_deadline_period_max_us}
 * @param online CPUs of the host
 * @param allowed CPUs that the thread may run on
 * @param lastCpu where it runs, or ran last; negative if not known
 * @param cpuset the folder of the thread's cpuset; null if not known
 * @param cpusetCpus the CPUs of that cpuset; empty if not known
 * @param groupWithoutRealtime its group of the cpu controller if that has no real-time runtime, else null
 */
record Circumstances(
        boolean niceCapability,
        boolean userNamespace,
        long realtimeMicros,
        double limit,
        long minPeriodMicros,
        long maxPeriodMicros,
        BitSet online,
        BitSet allowed,
        int lastCpu,
        @Nullable Path cpuset,
        BitSet cpusetCpus,
        @Nullable Path groupWithoutRealtime) {

    /** Reads them, now. */
    static Circumstances of(int threadId) {
        Path cpuset = null;
        BitSet cpusetCpus = new BitSet();
        try {
            CpusetHierarchy hierarchy = CpusetHierarchy.detect();
            Optional<Path> group = hierarchy.groupOf(threadId);
            if (group.isPresent()) {
                cpuset = group.get();
                cpusetCpus = hierarchy.cpusOf(cpuset);
            }
        } catch (CpusetException unknown) {
            // A host without cpusets has other reasons to refuse.
        }
        RealtimeRuntime realtime = RealtimeRuntime.read();
        return new Circumstances(
                Proc.hasNiceCapability(),
                Proc.inUserNamespace(),
                realtime.runtimeMicros(),
                realtime.share(),
                Proc.kernelSetting("sched_deadline_period_min_us").orElse(100L),
                Proc.kernelSetting("sched_deadline_period_max_us").orElse(4_194_304L),
                OnlineCpus.read(),
                Proc.allowedCpus(threadId),
                Proc.lastCpu(threadId).orElse(-1),
                cpuset,
                cpusetCpus,
                RealtimeGroup.withoutRuntime(threadId).orElse(null));
    }
}

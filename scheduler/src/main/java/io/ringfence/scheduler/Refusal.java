package io.ringfence.scheduler;

import io.ringfence.scheduler.SchedulingRefusedException.Rule;
import io.ringfence.scheduler.linux.CpuList;
import io.ringfence.scheduler.linux.Proc;
import io.ringfence.scheduler.linux.SchedAttr;
import io.ringfence.scheduler.linux.SchedulerCalls;
import java.util.BitSet;
import java.util.Locale;

/** Finds out which rule of the kernel is behind an error number of {@code sched_setattr(2)}: it has few, for many rules. */
final class Refusal {
    private Refusal() {}

    static SchedulingRefusedException of(int threadId, SchedAttr asked, int error) {
        String what = "thread " + threadId + " cannot have " + describe(asked) + ": ";
        return switch (error) {
            case SchedulerCalls.EPERM -> permission(threadId, what);
            case SchedulerCalls.EBUSY ->
                new SchedulingRefusedException(
                        Rule.ADMISSION,
                        what + "EBUSY, the kernel admits no more on " + cpus(threadId)
                                + ". The sum of runtime/period there may"
                                + " reach " + share(AdmissionControl.limit()) + " per CPU less the fair server's share"
                                + " (0.05 by default); lower this or another reservation, or use another CPU");
            case SchedulerCalls.EINVAL ->
                new SchedulingRefusedException(Rule.PARAMETERS, what + "EINVAL, " + parameters(asked));
            case SchedulerCalls.ESRCH ->
                new SchedulingRefusedException(Rule.NO_SUCH_THREAD, what + "ESRCH, it has ended");
            default -> new SchedulingRefusedException(Rule.UNKNOWN, what + "error number " + error);
        };
    }

    private static SchedulingRefusedException permission(int threadId, String what) {
        if (!Proc.hasNiceCapability()) {
            return new SchedulingRefusedException(
                    Rule.CAPABILITY,
                    what + "EPERM, the process lacks CAP_SYS_NICE (CapEff in /proc/self/status); run it as root or add"
                            + " AmbientCapabilities=CAP_SYS_NICE to its systemd unit");
        }
        if (Proc.kernelSetting("sched_rt_runtime_us").orElse(-1L) == 0) {
            return new SchedulingRefusedException(
                    Rule.REALTIME_RUNTIME, what + "EPERM, /proc/sys/kernel/sched_rt_runtime_us is 0; set it to 950000");
        }
        BitSet allowed = Proc.allowedCpus(threadId);
        int lastCpu = Proc.lastCpu(threadId).orElse(-1);
        if (lastCpu >= 0 && !allowed.get(lastCpu)) {
            return new SchedulingRefusedException(
                    Rule.AFFINITY,
                    what + "EPERM, it has slept on CPU " + lastCpu + " since it was moved to CPUs "
                            + CpuList.format(allowed) + " and counts as there until it wakes; wake it, or let it admit"
                            + " itself to its CpuPartition");
        }
        BitSet online = AdmissionControl.onlineCpus();
        if (!allowed.equals(online)) {
            return new SchedulingRefusedException(
                    Rule.AFFINITY,
                    what + "EPERM, it may run on CPUs " + CpuList.format(allowed) + " only, of "
                            + CpuList.format(online)
                            + ", and its root domain has more than those; admit it to a CpuPartition first and do not"
                            + " set its affinity");
        }
        return new SchedulingRefusedException(
                Rule.UNKNOWN,
                what + "EPERM although CAP_SYS_NICE is there and the affinity is full; look for a seccomp filter or a"
                        + " security module, and for CONFIG_RT_GROUP_SCHED groups without cpu.rt_runtime_us");
    }

    private static String parameters(SchedAttr asked) {
        if (asked.policy() != SchedAttr.SCHED_DEADLINE) {
            return "expected a priority from 1 to 99";
        }
        long minMicros = Proc.kernelSetting("sched_deadline_period_min_us").orElse(100L);
        long maxMicros = Proc.kernelSetting("sched_deadline_period_max_us").orElse(4_194_304L);
        return "expected a period from " + minMicros + " us to " + maxMicros + " us"
                + " (/proc/sys/kernel/sched_deadline_period_{min,max}_us) and a runtime of 1.024 us at least";
    }

    private static String describe(SchedAttr asked) {
        return switch (asked.policy()) {
            case SchedAttr.SCHED_DEADLINE ->
                "SCHED_DEADLINE " + asked.runtimeNanos() / 1e3 + " us every " + asked.periodNanos() / 1e3 + " us ("
                        + share((double) asked.runtimeNanos() / asked.periodNanos()) + " of a CPU)";
            case SchedAttr.SCHED_FIFO -> "SCHED_FIFO at priority " + asked.priority();
            default -> "SCHED_OTHER";
        };
    }

    private static String cpus(int threadId) {
        return "CPU " + CpuList.format(Proc.allowedCpus(threadId));
    }

    private static String share(double share) {
        return String.format(Locale.ROOT, "%.2f", share);
    }
}

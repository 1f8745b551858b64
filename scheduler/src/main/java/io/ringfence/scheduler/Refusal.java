package io.ringfence.scheduler;

import io.ringfence.scheduler.SchedulingRefusedException.Rule;
import io.ringfence.scheduler.linux.CpuList;
import io.ringfence.scheduler.linux.SchedAttr;
import io.ringfence.scheduler.linux.SchedulerCalls;
import java.util.BitSet;
import java.util.Locale;

/**
 * Finds out which rule of the kernel is behind an error number of {@code sched_setattr(2)} or {@code
 * sched_setaffinity(2)}: it has few, for many rules.
 */
final class Refusal {
    private final String what;
    private final SchedAttr asked;
    private final Circumstances now;

    private Refusal(int threadId, SchedAttr asked, Circumstances now) {
        this.what = "thread " + threadId + " cannot have " + describe(asked) + ": ";
        this.asked = asked;
        this.now = now;
    }

    static SchedulingRefusedException of(int threadId, SchedAttr asked, int error) {
        return of(threadId, asked, error, Circumstances.of(threadId));
    }

    static SchedulingRefusedException of(int threadId, SchedAttr asked, int error, Circumstances now) {
        Refusal refusal = new Refusal(threadId, asked, now);
        return switch (error) {
            case SchedulerCalls.EPERM -> refusal.permission();
            case SchedulerCalls.EBUSY -> refusal.admission();
            case SchedulerCalls.EINVAL -> refusal.parameters();
            case SchedulerCalls.ESRCH -> refusal.because(Rule.NO_SUCH_THREAD, "ESRCH, it has ended");
            default -> refusal.because(Rule.UNKNOWN, "error number " + error);
        };
    }

    /** For {@code sched_setaffinity(2)}, which also succeeds with fewer CPUs than asked for. */
    static SchedulingRefusedException ofAffinity(int threadId, BitSet asked, BitSet got, int error) {
        String reason = switch (error) {
            case 0 -> "its cpuset has no more; move the process out of that cpuset";
            case SchedulerCalls.EBUSY ->
                "EBUSY, it is SCHED_DEADLINE, which must be able to run on all CPUs of its root domain; use a"
                        + " CpuPartition instead";
            case SchedulerCalls.EINVAL ->
                "EINVAL, none of these CPUs is online and in its cpuset; choose others, or move it out of that cpuset";
            case SchedulerCalls.ESRCH -> "ESRCH, it has ended";
            case SchedulerCalls.EPERM -> "EPERM, it belongs to another user and CAP_SYS_NICE is missing; run as root";
            default -> "error number " + error;
        };
        return new SchedulingRefusedException(
                switch (error) {
                    case 0, SchedulerCalls.EINVAL -> Rule.CPUSET;
                    case SchedulerCalls.ESRCH -> Rule.NO_SUCH_THREAD;
                    default -> Rule.AFFINITY;
                },
                "thread " + threadId + " cannot be confined to CPUs " + CpuList.format(asked) + ", it may run on "
                        + CpuList.format(got) + ": " + reason);
    }

    private SchedulingRefusedException permission() {
        if (!now.niceCapability()) {
            return because(
                    Rule.CAPABILITY,
                    "EPERM, the process lacks CAP_SYS_NICE (CapEff in /proc/self/status); run it as root or add"
                            + " AmbientCapabilities=CAP_SYS_NICE to its systemd unit");
        }
        if (now.userNamespace()) {
            return because(
                    Rule.CAPABILITY,
                    "EPERM, the process has CAP_SYS_NICE in its own user namespace only (/proc/self/uid_map), and the"
                            + " kernel asks for it in the first one; run it outside the rootless container");
        }
        return asked.policy() == SchedAttr.SCHED_DEADLINE ? deadlinePermission() : groupPermission();
    }

    private SchedulingRefusedException groupPermission() {
        if (asked.policy() == SchedAttr.SCHED_FIFO && now.groupWithoutRealtime() != null) {
            return because(
                    Rule.REALTIME_GROUP,
                    "EPERM, this kernel has CONFIG_RT_GROUP_SCHED and the group " + now.groupWithoutRealtime()
                            + " has no real-time runtime; run the process in the root group of the cpu controller, or"
                            + " give its group some: echo 100000 > " + now.groupWithoutRealtime()
                            + "/cpu.rt_runtime_us");
        }
        return unknown("and for CONFIG_RT_GROUP_SCHED with a version 2 cpu controller, where groups have none");
    }

    private SchedulingRefusedException deadlinePermission() {
        if (now.realtimeMicros() == 0) {
            return because(
                    Rule.REALTIME_RUNTIME,
                    "EPERM, /proc/sys/kernel/sched_rt_runtime_us is 0; set it: sysctl -w"
                            + " kernel.sched_rt_runtime_us=950000");
        }
        if (now.lastCpu() >= 0 && !now.allowed().get(now.lastCpu())) {
            return because(
                    Rule.AFFINITY,
                    "EPERM, it has slept on CPU " + now.lastCpu() + " since it was moved to CPUs "
                            + CpuList.format(now.allowed()) + " and counts as there until it wakes; wake it, or let it"
                            + " admit itself to its CpuPartition");
        }
        String only = "EPERM, it may run on CPUs " + CpuList.format(now.allowed()) + " only, of "
                + CpuList.format(now.online());
        if (!now.allowed().equals(now.online()) && now.allowed().equals(now.cpusetCpus())) {
            return because(
                    Rule.CPUSET,
                    only + ": its cpuset " + now.cpuset() + " has no more and is no partition, so that its root domain"
                            + " has CPUs beyond it; run it outside that cpuset, where it can be admitted to a"
                            + " CpuPartition");
        }
        if (!now.allowed().equals(now.online())) {
            return because(
                    Rule.AFFINITY,
                    only + ", and its root domain has more than those; admit it to a CpuPartition first and do not set"
                            + " its affinity");
        }
        return unknown("which some container runtimes have against SCHED_DEADLINE");
    }

    private SchedulingRefusedException unknown(String further) {
        return because(
                Rule.UNKNOWN,
                "EPERM, though CAP_SYS_NICE is there and no rule that Ringfence knows forbids it; look for a seccomp"
                        + " filter (Seccomp in /proc/self/status) or a security module, " + further);
    }

    private SchedulingRefusedException admission() {
        return because(
                Rule.ADMISSION,
                "EBUSY, the kernel admits no more on CPU " + CpuList.format(now.allowed())
                        + ". The sum of runtime/period there may reach " + share(now.limit())
                        + " per CPU (sched_rt_runtime_us / sched_rt_period_us) less the fair server's share (0.05 by"
                        + " default); lower this or another reservation, or use another CPU");
    }

    private SchedulingRefusedException parameters() {
        if (asked.policy() == SchedAttr.SCHED_FIFO) {
            return because(Rule.PARAMETERS, "EINVAL, expected a priority from 1 to 99");
        }
        long periodNanos = asked.periodNanos();
        boolean known = periodNanos < 1_000 * now.minPeriodMicros()
                || periodNanos > 1_000 * now.maxPeriodMicros()
                || asked.runtimeNanos() < Reservation.MIN_RUNTIME_NANOS
                || asked.runtimeNanos() > periodNanos;
        if (asked.policy() == SchedAttr.SCHED_DEADLINE && known) {
            return because(
                    Rule.PARAMETERS,
                    "EINVAL, expected a period from " + now.minPeriodMicros() + " us to " + now.maxPeriodMicros()
                            + " us (/proc/sys/kernel/sched_deadline_period_{min,max}_us) and a runtime of 1.024 us at"
                            + " least");
        }
        return because(
                Rule.UNKNOWN,
                "EINVAL, though all parameters are within the kernel's bounds; does this kernel have the policy"
                        + " (SCHED_DEADLINE since Linux 3.14)?");
    }

    private SchedulingRefusedException because(Rule rule, String reason) {
        return new SchedulingRefusedException(rule, what + reason);
    }

    private static String describe(SchedAttr asked) {
        return switch (asked.policy()) {
            case SchedAttr.SCHED_DEADLINE ->
                "SCHED_DEADLINE " + asked.runtimeNanos() / 1e3 + " us every " + asked.periodNanos() / 1e3 + " us ("
                        + share((double) asked.runtimeNanos() / asked.periodNanos()) + " of a CPU)";
            case SchedAttr.SCHED_FIFO -> "SCHED_FIFO at priority " + asked.priority();
            case SchedAttr.SCHED_IDLE -> "SCHED_IDLE";
            default -> "SCHED_OTHER";
        };
    }

    private static String share(double share) {
        return String.format(Locale.ROOT, "%.2f", share);
    }
}

package io.ringfence.scheduler;

/** The host does not give the scheduling that was asked for; the message names the rule and what to change. */
public final class SchedulingRefusedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** The rule that was most probably hit. */
    public enum Rule {
        /** CAP_SYS_NICE is missing. */
        CAPABILITY,
        /** The thread may not run on all CPUs of its root domain. */
        AFFINITY,
        /** The reservations of a CPU add up to more than the kernel admits. */
        ADMISSION,
        /** No reservation on one CPU keeps what was guaranteed. */
        GUARANTEE,
        /** Runtime, period or priority are outside the host's bounds. */
        PARAMETERS,
        /** Real-time scheduling is switched off on this host. */
        REALTIME_RUNTIME,
        /** The thread's control group has no real-time runtime (CONFIG_RT_GROUP_SCHED); SCHED_FIFO only. */
        REALTIME_GROUP,
        /** The CPU belongs to another cpuset or to none, or the thread to one with only a part of its root domain. */
        CPUSET,
        /** The CPU partition could not be made, entered or removed. */
        PARTITION,
        /** The thread has ended. */
        NO_SUCH_THREAD,
        /** None that Ringfence knows; a security module or seccomp filter, perhaps. */
        UNKNOWN
    }

    private final Rule rule;

    /** A refusal; the message says what was asked, which rule it breaks, and what to change. */
    public SchedulingRefusedException(Rule rule, String message) {
        super(message);
        this.rule = rule;
    }

    SchedulingRefusedException(Rule rule, String message, Throwable cause) {
        super(message, cause);
        this.rule = rule;
    }

    /** The rule that was most probably hit. */
    public Rule rule() {
        return rule;
    }
}

package io.ringfence.scheduler;

import io.ringfence.scheduler.linux.SchedAttr;

/**
 * The scheduling of a thread as the kernel reports it ({@code sched_getattr(2)}). The times are 0 unless the policy is
 * SCHED_DEADLINE; the priority is 0 unless it is SCHED_FIFO.
 */
public record SchedulingAttributes(
        Policy policy,
        boolean resetOnFork,
        boolean reclaims,
        int priority,
        long runtimeNanos,
        long deadlineNanos,
        long periodNanos) {

    /** The policies that Ringfence sets; every other one is {@code UNKNOWN}. */
    public enum Policy {
        OTHER,
        FIFO,
        IDLE,
        DEADLINE,
        UNKNOWN
    }

    static SchedulingAttributes of(SchedAttr attributes) {
        Policy policy = switch (attributes.policy()) {
            case SchedAttr.SCHED_OTHER -> Policy.OTHER;
            case SchedAttr.SCHED_FIFO -> Policy.FIFO;
            case SchedAttr.SCHED_IDLE -> Policy.IDLE;
            case SchedAttr.SCHED_DEADLINE -> Policy.DEADLINE;
            default -> Policy.UNKNOWN;
        };
        boolean deadline = policy == Policy.DEADLINE;
        return new SchedulingAttributes(
                policy,
                (attributes.flags() & SchedAttr.SCHED_FLAG_RESET_ON_FORK) != 0,
                (attributes.flags() & SchedAttr.SCHED_FLAG_RECLAIM) != 0,
                attributes.priority(),
                deadline ? attributes.runtimeNanos() : 0,
                deadline ? attributes.deadlineNanos() : 0,
                deadline ? attributes.periodNanos() : 0);
    }
}

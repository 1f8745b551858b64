package io.ringfence.scheduler;

/** How strictly a host enforces reservations, from the best down; which rung is in force is never left to chance. */
public enum Rung {
    /** SCHED_DEADLINE in a one-CPU partition: every reservation is exact. */
    DEADLINE,
    /** SCHED_DEADLINE over all CPUs, no partition: budgets hold, deadlines are met with bounded tardiness only. */
    DEADLINE_GLOBAL,
    /** SCHED_FIFO: workers come before everything else, but nothing protects them from each other. */
    FIFO,
    /** The default policy: no guarantee at all. */
    OTHER
}

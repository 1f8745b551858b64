package io.ringfence.config;

/** How workers are scheduled, from the strongest promise to none; the order of the constants is the ladder's. */
public enum SchedulingRung {
    /** SCHED_DEADLINE inside a partition of its own per CPU. */
    DEADLINE,
    /** SCHED_DEADLINE without partitions: reservations hold, pinning does not. */
    DEADLINE_GLOBAL,
    /** SCHED_FIFO: ahead of ordinary threads, but nothing keeps one worker from another's time. */
    FIFO,
    /** SCHED_OTHER: no promise. */
    OTHER
}

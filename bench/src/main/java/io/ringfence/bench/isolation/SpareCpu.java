package io.ringfence.bench.isolation;

/** What becomes of CPU time of Ringfence that no worker has use for. */
enum SpareCpu {
    /** The CPU waits for work, awake: the default. */
    POLLED,
    /** The CPU may sleep: {@code host.idle: sleep}. */
    ASLEEP,
    /** Workers use it: {@code reclaim: on} for all VMs. */
    RECLAIMED
}

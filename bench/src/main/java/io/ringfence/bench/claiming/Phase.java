package io.ringfence.bench.claiming;

/** What the threads of a contest are about. */
enum Phase {
    WARMING_UP,
    MEASURING,
    /** Nobody sends any more. */
    OVER
}

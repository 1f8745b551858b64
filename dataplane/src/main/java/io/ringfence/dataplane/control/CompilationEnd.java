package io.ringfence.dataplane.control;

import io.ringfence.scheduler.CompilerThreads;
import java.util.concurrent.TimeUnit;

/**
 * When the warm-up has gone on for long enough: the compilers have next to nothing left to do, or it has taken as long as a restart may.
 *
 * <p>They need one to five seconds of CPU time for it, and a VM that is served before then is served by code that is a third as
 * fast and is exchanged under it.
 */
final class CompilationEnd {
    private static final long LOOK_NANOS = 100_000_000;
    /** A compiler that has used less of the time between two looks has caught up. */
    private static final long RESTING_NANOS = LOOK_NANOS / 5;

    private final CompilerThreads compilers = new CompilerThreads();
    private final long untilNanos;
    private long lookedNanos = System.nanoTime();
    private long usedNanos = compilers.cpuNanos();

    /** Counts from now. */
    CompilationEnd(long mostMillis) {
        untilNanos = lookedNanos + TimeUnit.MILLISECONDS.toNanos(mostMillis);
    }

    /** Whether that is so now; to be asked all the time. */
    boolean reached() {
        long now = System.nanoTime();
        if (now - untilNanos >= 0) {
            return true;
        }
        if (now - lookedNanos < LOOK_NANOS) {
            return false;
        }
        long before = usedNanos;
        usedNanos = compilers.cpuNanos();
        lookedNanos = now;
        return usedNanos - before < RESTING_NANOS;
    }
}

package io.ringfence.dataplane.warmup;

import io.ringfence.scheduler.CompilerThreads;
import java.util.concurrent.TimeUnit;

/**
 * When the warm-up has gone on for long enough: the compilers have next to nothing left to do, or a limit is reached.
 *
 * <p>They need one to five seconds of CPU time for the packet path, and a VM that is served before then is served by code that is a third
 * as fast and is exchanged under it.
 */
final class CompilationEnd {
    private static final long LOOK_NANOS = 100_000_000;
    /** Compilers that have wanted less of the time between two looks, all together, have caught up. */
    private static final long RESTING_NANOS = LOOK_NANOS / 5;

    private final CompilerThreads compilers = new CompilerThreads();
    private final long untilNanos;
    private long lookedNanos = System.nanoTime();
    private long wantedNanos = compilers.wantedNanos();

    /** Counts from now. */
    CompilationEnd(long longestMillis) {
        untilNanos = lookedNanos + TimeUnit.MILLISECONDS.toNanos(longestMillis);
    }

    /** Whether that is so now. */
    boolean reached() {
        long now = System.nanoTime();
        if (now - untilNanos >= 0) {
            return true;
        }
        if (now - lookedNanos < LOOK_NANOS) {
            return false;
        }
        long before = wantedNanos;
        wantedNanos = compilers.wantedNanos();
        lookedNanos = now;
        // 0: a kernel that does not count. Then only the limit is left.
        return wantedNanos > 0 && wantedNanos - before < RESTING_NANOS;
    }
}

package io.ringfence.dataplane.control;

import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Arrays;

/**
 * Measuring on a host whose speed changes by the second and which may stop for half a second: in many short windows, of
 * which the median counts. What is wrong always is wrong in most of them.
 */
final class Windows {
    private static final Duration WARM_UP_LIMIT = Duration.ofSeconds(15);
    private static final long COMPILED_MILLIS = 20;

    private Windows() {}

    /** Again and again until the compiler has next to nothing to do any more; on a crowded machine that takes seconds. */
    static void untilCompiled(Runnable step) {
        CompilationMXBean compiler = ManagementFactory.getCompilationMXBean();
        long limit = System.nanoTime() + WARM_UP_LIMIT.toNanos();
        long before;
        do {
            before = compiler.getTotalCompilationTime();
            step.run();
        } while (compiler.getTotalCompilationTime() - before > COMPILED_MILLIS && System.nanoTime() - limit < 0);
    }

    static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}

package io.ringfence.bench.calibrate;

import io.ringfence.scheduler.NativeThread;

/**
 * Measures what a piece of work costs its thread, in the time that the kernel would charge to a reservation.
 *
 * <p>The wall clock is exact to some 20 ns, but runs on while the kernel has given the CPU to somebody else; the
 * thread's CPU time does not, but reading it takes some 400 ns. So the wall clock decides, unless it shows more than the
 * CPU time: then the work was interrupted and costs what the CPU time says. Interruptions are counted, so that nothing
 * is dropped in silence. Used by one thread.
 */
final class Stopwatch {
    private static final int CLOCK_READS = 10_000;
    /** CPU times are exact to some 100 ns; the shortest switch to another thread and back takes over a microsecond. */
    private static final long INTERRUPTED_FROM_NANOS = 1_000;

    private final NativeThread self = new NativeThread();
    private long wallOverheadNanos;
    private long cpuOverheadNanos;
    private long startCpuNanos;
    private long startNanos;
    private long interruptions;
    private long longestInterruptionNanos;

    /** Finds out what the clocks themselves cost; once their calls are compiled. */
    void calibrate() {
        Samples wall = new Samples();
        Samples cpu = new Samples();
        wallOverheadNanos = 0;
        cpuOverheadNanos = 0;
        for (int i = 0; i < CLOCK_READS; i++) {
            long before = self.cpuTimeNanos();
            long start = System.nanoTime();
            long end = System.nanoTime();
            cpu.add(self.cpuTimeNanos() - before);
            wall.add(end - start);
        }
        wallOverheadNanos = wall.percentile(0.5);
        cpuOverheadNanos = cpu.percentile(0.5);
    }

    /** Begins; returns the time, as {@link System#nanoTime}. */
    long start() {
        startCpuNanos = self.cpuTimeNanos();
        startNanos = System.nanoTime();
        return startNanos;
    }

    /** Ends; returns the nanoseconds that the work cost. */
    long stop() {
        long wall = System.nanoTime() - startNanos - wallOverheadNanos;
        long cpu = self.cpuTimeNanos() - startCpuNanos - cpuOverheadNanos;
        if (wall - cpu < INTERRUPTED_FROM_NANOS) {
            return wall;
        }
        interruptions++;
        longestInterruptionNanos = Math.max(longestInterruptionNanos, wall - cpu);
        return cpu;
    }

    /** As {@link #stop}, for work that sleeps: its CPU time, whatever the wall clock says. */
    long stopCpuTime() {
        return self.cpuTimeNanos() - startCpuNanos - cpuOverheadNanos;
    }

    /** How often the work was interrupted, since the last {@link #forget}. */
    long interruptions() {
        return interruptions;
    }

    /** The longest of the interruptions. */
    long longestInterruptionNanos() {
        return longestInterruptionNanos;
    }

    /** Forgets the interruptions. */
    void forget() {
        interruptions = 0;
        longestInterruptionNanos = 0;
    }
}

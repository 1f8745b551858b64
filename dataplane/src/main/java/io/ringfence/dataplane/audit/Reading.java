package io.ringfence.dataplane.audit;

import io.ringfence.dataplane.telemetry.Counter;
import io.ringfence.dataplane.telemetry.Highest;
import io.ringfence.scheduler.ThreadStatistics;
import org.agrona.concurrent.status.AtomicCounter;

/**
 * All that is known of a VM at one moment, in sums since its worker's start; but what is the highest value of something is
 * that since the reading before.
 */
final class Reading {
    private final long[] counts = new long[Counter.values().length];
    private final ThreadStatistics thread;
    private final long atNanos;

    private Reading(ThreadStatistics thread, long atNanos) {
        this.thread = thread;
        this.atNanos = atNanos;
    }

    /** Reads what there is to read now. */
    static Reading of(AuditedVm vm) {
        ThreadStatistics thread = ThreadStatistics.read(vm.threadId()).orElse(new ThreadStatistics(0, 0, 0));
        return of(vm, thread, System.nanoTime());
    }

    static Reading of(AuditedVm vm, ThreadStatistics thread, long nowNanos) {
        Reading reading = new Reading(thread, nowNanos);
        for (Counter counter : Counter.values()) {
            AtomicCounter source = vm.counters().get(counter.index());
            reading.counts[counter.index()] = switch (counter) {
                case WORST_LATENCY_NANOS, WORST_HELD_UP_LATENCY_NANOS, MOST_WAITING_FRAMES ->
                    new Highest(source).take();
                default -> source.get();
            };
        }
        return reading;
    }

    /** When, as {@link System#nanoTime}. */
    long atNanos() {
        return atNanos;
    }

    long count(Counter counter) {
        return counts[counter.index()];
    }

    /** CPU time of the worker. */
    long cpuNanos() {
        return thread.cpuNanos();
    }

    /** Time in which the worker could have run, but did not have the CPU. */
    long waitedNanos() {
        return thread.waitNanos();
    }
}

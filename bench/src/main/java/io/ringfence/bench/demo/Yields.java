package io.ringfence.bench.demo;

import io.ringfence.dataplane.telemetry.Counter;
import java.util.Map;
import java.util.function.Supplier;

/** How often the workers have given up the CPU because their budget was spent. */
final class Yields {
    private final Supplier<Map<String, Long>> counters;
    private final long start;
    private long last;

    /** Counts from now on. */
    Yields(Supplier<Map<String, Long>> counters) {
        this.counters = counters;
        start = read();
        last = start;
    }

    long sinceLast() {
        long before = last;
        last = read();
        return last - before;
    }

    long sinceStart() {
        return read() - start;
    }

    private long read() {
        String suffix = "/" + Counter.YIELDS.label();
        return counters.get().entrySet().stream()
                .filter(counter -> counter.getKey().endsWith(suffix))
                .mapToLong(Map.Entry::getValue)
                .sum();
    }
}

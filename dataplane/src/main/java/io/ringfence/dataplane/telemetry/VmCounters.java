package io.ringfence.dataplane.telemetry;

import java.util.List;
import org.agrona.concurrent.status.AtomicCounter;

/**
 * The counters of a VM.
 *
 * @param counts what its worker counts, by {@link Counter#index}
 * @param intervals what the auditor says of it, by {@link IntervalCounter#index}
 */
public record VmCounters(String vm, List<AtomicCounter> counts, List<AtomicCounter> intervals) {
    public VmCounters {
        counts = List.copyOf(counts);
        intervals = List.copyOf(intervals);
    }
}

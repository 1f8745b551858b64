package io.ringfence.dataplane.audit;

import io.ringfence.dataplane.telemetry.Counter;
import io.ringfence.dataplane.telemetry.Counters;
import io.ringfence.dataplane.telemetry.IntervalCounter;
import io.ringfence.scheduler.NativeThread;
import java.util.List;
import org.agrona.concurrent.status.AtomicCounter;

/** A VM for whose worker a test counts. */
final class CountedVm {
    private final List<AtomicCounter> counters = List.of(Counters.ofProcess());
    private final List<AtomicCounter> intervals = List.of(Counters.ofProcess(IntervalCounter.values().length));
    final AuditedVm vm;

    CountedVm(GuaranteedTraffic guarantee) {
        vm = new AuditedVm("alice", NativeThread.currentId(), guarantee, 0.25, counters, intervals);
    }

    /** Adds to a counter. */
    CountedVm count(Counter counter, long amount) {
        counters.get(counter.index()).getAndAdd(amount);
        return this;
    }

    long shown(IntervalCounter counter) {
        return intervals.get(counter.index()).get();
    }
}

package io.ringfence.dataplane.audit;

import io.ringfence.dataplane.telemetry.Counter;
import io.ringfence.dataplane.telemetry.IntervalCounter;
import io.ringfence.scheduler.NativeThread;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.IntStream;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.status.AtomicCounter;
import org.agrona.concurrent.status.CountersReader;

/** A VM for whose worker a test counts. */
final class CountedVm {
    private final List<AtomicCounter> counters = counters(Counter.values().length);
    private final List<AtomicCounter> intervals = counters(IntervalCounter.values().length);
    final AuditedVm vm;

    CountedVm(GuaranteedTraffic guarantee) {
        vm = new AuditedVm("alice", NativeThread.currentId(), guarantee, 0.25, counters, intervals);
    }

    private static List<AtomicCounter> counters(int count) {
        UnsafeBuffer values = new UnsafeBuffer(ByteBuffer.allocateDirect(CountersReader.COUNTER_LENGTH * count));
        return IntStream.range(0, count)
                .mapToObj(i -> new AtomicCounter(values, i))
                .toList();
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

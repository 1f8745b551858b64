package io.ringfence.dataplane.path;

import java.util.concurrent.atomic.AtomicLong;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.status.AtomicCounter;

/** A counter whose updates use CPU time, of whatever worker makes them. */
final class SlowCounter extends AtomicCounter {
    private final AtomicLong nanos;

    /** @param nanos what an update takes */
    SlowCounter(UnsafeBuffer values, int id, AtomicLong nanos) {
        super(values, id);
        this.nanos = nanos;
    }

    @Override
    public long getAndAdd(long increment) {
        long start = System.nanoTime();
        while (System.nanoTime() - start < nanos.get()) {
            Thread.onSpinWait();
        }
        return super.getAndAdd(increment);
    }
}

package io.ringfence.dataplane.telemetry;

import org.agrona.concurrent.status.AtomicCounter;

/**
 * A counter that shows the highest of the values noted since it was last taken. Any thread notes; the auditor takes.
 */
public final class Highest {
    private final AtomicCounter counter;

    /** Creates one that this counter shows. */
    public Highest(AtomicCounter counter) {
        this.counter = counter;
    }

    /** Notes a value. */
    public void note(long value) {
        long highest = counter.get();
        while (value > highest && !counter.compareAndSet(highest, value)) {
            highest = counter.get();
        }
    }

    /** Returns the highest value and begins anew, at 0. */
    public long take() {
        return counter.getAndSet(0);
    }
}

package io.ringfence.dataplane.telemetry;

import org.agrona.concurrent.status.AtomicCounter;

/**
 * The worst latency of one VM's frames inside Ringfence: from the moment its worker saw them in the guest's ring until
 * they were shown to their receiver.
 *
 * <p>Any worker may note one: that of the sender, or that of a receiver to which frames were handed off. Whoever reads the
 * counters takes the values out ({@link AtomicCounter#getAndSet}), so each covers the time since it was last taken.
 */
public final class Latency {
    private final AtomicCounter worst;
    private final AtomicCounter worstHeldUp;

    /** Creates the latency that these counters show, indexed by {@link Counter#index}. */
    public Latency(AtomicCounter[] counters) {
        worst = counters[Counter.WORST_LATENCY_NANOS.index()];
        worstHeldUp = counters[Counter.WORST_HELD_UP_LATENCY_NANOS.index()];
    }

    /** Notes the latency of frames that went as fast as Ringfence could. */
    public void note(long nanos) {
        raise(worst, nanos);
    }

    /** Notes the latency of frames that waited for a receiver without room, or for their VM's own limit. */
    public void noteHeldUp(long nanos) {
        raise(worstHeldUp, nanos);
    }

    private static void raise(AtomicCounter counter, long nanos) {
        long highest = counter.get();
        while (nanos > highest && !counter.compareAndSet(highest, nanos)) {
            highest = counter.get();
        }
    }
}

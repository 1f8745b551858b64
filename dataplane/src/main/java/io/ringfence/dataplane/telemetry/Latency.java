package io.ringfence.dataplane.telemetry;

import org.agrona.concurrent.status.AtomicCounter;

/**
 * The worst latency of one VM's frames inside Ringfence: from the moment its worker saw them in the guest's ring until
 * they were shown to their receiver.
 *
 * <p>Any worker may note one: that of the sender, or that of a receiver to which frames were handed off.
 */
public final class Latency {
    private final Highest worst;
    private final Highest worstHeldUp;

    /** Creates the latency that these counters show, indexed by {@link Counter#index}. */
    public Latency(AtomicCounter[] counters) {
        worst = new Highest(counters[Counter.WORST_LATENCY_NANOS.index()]);
        worstHeldUp = new Highest(counters[Counter.WORST_HELD_UP_LATENCY_NANOS.index()]);
    }

    /** Notes the latency of frames that went as fast as Ringfence could. */
    public void note(long nanos) {
        worst.note(nanos);
    }

    /** Notes the latency of frames that waited for a receiver without room, or for their VM's own limit. */
    public void noteHeldUp(long nanos) {
        worstHeldUp.note(nanos);
    }
}

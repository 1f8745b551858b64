package io.ringfence.dataplane.audit;

import io.ringfence.scheduler.Sizing;

/**
 * What a VM was promised, as the auditor judges it.
 *
 * @param framesPerSecond 0 if nothing is promised
 * @param burstFrames that may come at once
 * @param latencyNanos the longest time inside Ringfence; 0 if that is not promised
 */
public record GuaranteedTraffic(long framesPerSecond, long burstFrames, long latencyNanos) {
    /** Of a VM that has a reservation only. */
    public static final GuaranteedTraffic NONE = new GuaranteedTraffic(0, 0, 0);

    /** Whether anything is promised. */
    public boolean any() {
        return framesPerSecond > 0;
    }

    /** Whether the latency is a promise too. */
    boolean promisesLatency() {
        return latencyNanos > 0;
    }

    /** The longest time inside Ringfence that counts as kept: where none is promised, the one that the reservation was made for. */
    long boundNanos() {
        return promisesLatency() ? latencyNanos : Sizing.RELAXED_LATENCY_NANOS;
    }

    /** Frames within the promise in so much time. */
    double entitledFrames(long nanos) {
        return burstFrames + framesIn(nanos);
    }

    /** Frames of the promised rate in so much time. */
    double framesIn(long nanos) {
        return framesPerSecond * (nanos / 1e9);
    }
}

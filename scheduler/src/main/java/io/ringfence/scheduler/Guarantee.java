package io.ringfence.scheduler;

import java.util.OptionalLong;

/**
 * A promise in packets: as long as a VM sends no more than {@code burstPackets + t * packetsPerSecond} packets in any time
 * t, none of them takes longer than the latency bound.
 *
 * @param packetsPerSecond the rate, at least 1
 * @param burstPackets how many may come at once, at least 1
 * @param latencyNanos the bound, above 0; empty for a VM that does not need one, see {@link Sizing#RELAXED_LATENCY_NANOS}
 */
public record Guarantee(long packetsPerSecond, int burstPackets, OptionalLong latencyNanos) {
    public Guarantee {
        if (packetsPerSecond < 1 || burstPackets < 1 || latencyNanos.orElse(1) < 1) {
            throw new IllegalArgumentException("packetsPerSecond=" + packetsPerSecond + " burstPackets=" + burstPackets
                    + " latencyNanos=" + latencyNanos + "; expected 1 or more of each");
        }
    }

    /** This guarantee with another rate. */
    public Guarantee withRate(long otherPacketsPerSecond) {
        return new Guarantee(otherPacketsPerSecond, burstPackets, latencyNanos);
    }

    /** This guarantee with another burst. */
    public Guarantee withBurst(int otherPackets) {
        return new Guarantee(packetsPerSecond, otherPackets, latencyNanos);
    }

    /** This guarantee with another latency bound. */
    public Guarantee withLatency(long otherNanos) {
        return new Guarantee(packetsPerSecond, burstPackets, OptionalLong.of(otherNanos));
    }
}

package io.ringfence.config;

import java.util.OptionalLong;

/**
 * What a VM is promised in packets. Each value is within its limits; whether this host can keep the promise is for
 * admission to say.
 *
 * @param packetsPerSecond the rate, at least 1
 * @param burstPackets how many may come at once, at least 1
 * @param latencyNanos the longest time that a packet may take; empty if the VM does not ask for a bound
 */
public record GuaranteeSpec(long packetsPerSecond, int burstPackets, OptionalLong latencyNanos)
        implements Entitlement {}

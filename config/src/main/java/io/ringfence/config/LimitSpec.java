package io.ringfence.config;

import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * What a VM may send at most; at least one of the first two is there.
 *
 * @param packetsPerSecond the rate in packets
 * @param bitsPerSecond the rate in bits of Ethernet frames, without preamble and checksum
 * @param burstPackets what may come at once, in packets of the network's largest size for the rate in bits; if empty, what
 *     a rate lets through in 10 ms, at least 16 packets
 */
public record LimitSpec(OptionalLong packetsPerSecond, OptionalLong bitsPerSecond, OptionalInt burstPackets) {
    /** The largest burst: so many of the largest frames are some 8.6 Gbit. */
    public static final int MAX_BURST_PACKETS = 16_384;
}

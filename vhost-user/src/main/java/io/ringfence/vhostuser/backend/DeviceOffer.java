package io.ringfence.vhostuser.backend;

import io.ringfence.vhostuser.protocol.ProtocolFeatures;

/**
 * What a device offers to every front-end that connects.
 *
 * @param features virtio feature bits; VHOST_USER_F_PROTOCOL_FEATURES is added if there are any
 * @param protocolFeatures vhost-user protocol feature bits, a subset of {@link #SUPPORTED_PROTOCOL_FEATURES}
 * @param queuePairs most pairs of receive and transmit queue, 1 to 128
 * @param mtu largest network-layer packet in bytes, at least 68; NET_SET_MTU above it is refused
 */
public record DeviceOffer(long features, long protocolFeatures, int queuePairs, int mtu) {
    /** The protocol features that sessions implement. */
    public static final long SUPPORTED_PROTOCOL_FEATURES = ProtocolFeatures.MQ
            | ProtocolFeatures.RARP
            | ProtocolFeatures.REPLY_ACK
            | ProtocolFeatures.MTU
            | ProtocolFeatures.RESET_DEVICE
            | ProtocolFeatures.CONFIGURE_MEM_SLOTS
            | ProtocolFeatures.STATUS;

    private static final int MAX_QUEUE_PAIRS = 128; // SET_VRING_KICK has 8 bits for the index of a queue
    private static final int MIN_MTU = 68;

    /** Checks the values. */
    public DeviceOffer {
        long surplus = protocolFeatures & ~SUPPORTED_PROTOCOL_FEATURES;
        if (surplus != 0) {
            throw new IllegalArgumentException(
                    Bits.describe(surplus, "protocol feature") + " offered, but sessions do not implement it");
        }
        if (queuePairs < 1 || queuePairs > MAX_QUEUE_PAIRS) {
            throw new IllegalArgumentException(
                    "%d queue pairs, expected 1 to %d".formatted(queuePairs, MAX_QUEUE_PAIRS));
        }
        if (mtu < MIN_MTU || mtu > 65535) {
            throw new IllegalArgumentException("MTU %d, expected %d to 65535".formatted(mtu, MIN_MTU));
        }
    }
}

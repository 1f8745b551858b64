package io.ringfence.dataplane.control;

import io.ringfence.vhostuser.backend.DeviceOffer;
import io.ringfence.vhostuser.protocol.Features;
import io.ringfence.vhostuser.protocol.ProtocolFeatures;

/** What Ringfence offers to guests. */
final class Offer {
    /**
     * The control queue and the announcement are the front-end's own work; it may show them to the guest only if the
     * back-end lists them too.
     */
    private static final long FEATURES = Features.VERSION_1
            | Features.PROTOCOL_FEATURES
            | Features.INDIRECT_DESC
            | Features.EVENT_IDX
            | Features.IN_ORDER
            | Features.RING_PACKED
            | Features.NET_MRG_RXBUF
            | Features.NET_MQ
            | Features.NET_CTRL_VQ
            | Features.NET_GUEST_ANNOUNCE
            | Features.NET_MTU;

    private static final long PROTOCOL_FEATURES = ProtocolFeatures.MQ
            | ProtocolFeatures.REPLY_ACK
            | ProtocolFeatures.MTU
            | ProtocolFeatures.CONFIGURE_MEM_SLOTS
            | ProtocolFeatures.STATUS
            | ProtocolFeatures.RESET_DEVICE
            | ProtocolFeatures.RARP;

    private Offer() {}

    static DeviceOffer of(int queuePairs, int mtu, boolean offloads) {
        long features = offloads ? FEATURES | Features.NET_OFFLOADS : FEATURES;
        return new DeviceOffer(features, PROTOCOL_FEATURES, queuePairs, mtu);
    }
}

package io.ringfence.vhostuser.frontend;

import io.ringfence.vhostuser.protocol.Features;
import io.ringfence.vhostuser.protocol.ProtocolFeatures;
import java.time.Duration;

/**
 * What an embedded guest is like.
 *
 * @param queuePairs pairs of receive and transmit queue
 * @param receive layout of each receive queue
 * @param transmit layout of each transmit queue
 * @param features wanted virtio features
 * @param protocolFeatures wanted vhost-user protocol features
 * @param timeLimit of each request to the back-end
 */
public record GuestOptions(
        int queuePairs,
        QueueOptions receive,
        QueueOptions transmit,
        long features,
        long protocolFeatures,
        Duration timeLimit) {
    private static final int DEFAULT_SIZE_ENTRIES = 256;
    private static final Duration DEFAULT_TIME_LIMIT = Duration.ofSeconds(5);
    private static final long DEFAULT_FEATURES =
            Features.NET_MRG_RXBUF | Features.INDIRECT_DESC | Features.EVENT_IDX | Features.NET_MQ;
    private static final long DEFAULT_PROTOCOL_FEATURES = ProtocolFeatures.MQ
            | ProtocolFeatures.REPLY_ACK
            | ProtocolFeatures.CONFIGURE_MEM_SLOTS
            | ProtocolFeatures.STATUS;

    /** Refuses a guest without queues. */
    public GuestOptions {
        if (queuePairs < 1) {
            throw new IllegalArgumentException("queuePairs=%d: expected at least 1".formatted(queuePairs));
        }
    }

    /** A guest like most: this many pairs of called queues of 256 direct buffers. */
    public static GuestOptions ofPairs(int queuePairs) {
        QueueOptions queue = QueueOptions.ofSize(DEFAULT_SIZE_ENTRIES);
        return new GuestOptions(
                queuePairs, queue, queue, DEFAULT_FEATURES, DEFAULT_PROTOCOL_FEATURES, DEFAULT_TIME_LIMIT);
    }

    /** The same with other receive queues. */
    public GuestOptions withReceive(QueueOptions queue) {
        return new GuestOptions(queuePairs, queue, transmit, features, protocolFeatures, timeLimit);
    }

    /** The same with other transmit queues. */
    public GuestOptions withTransmit(QueueOptions queue) {
        return new GuestOptions(queuePairs, receive, queue, features, protocolFeatures, timeLimit);
    }

    /** The same with other virtio features wanted. */
    public GuestOptions withFeatures(long wanted) {
        return new GuestOptions(queuePairs, receive, transmit, wanted, protocolFeatures, timeLimit);
    }

    /** The same with packed queues, if the back-end has them. */
    public GuestOptions withPackedRings() {
        return withFeatures(features | Features.RING_PACKED);
    }

    /** The same that also wants all checksum and segmentation offloads, in both directions. */
    public GuestOptions withOffloads() {
        return withFeatures(features | Features.NET_OFFLOADS);
    }

    /** The same with other protocol features wanted. */
    public GuestOptions withProtocolFeatures(long wanted) {
        return new GuestOptions(queuePairs, receive, transmit, features, wanted, timeLimit);
    }
}

package io.ringfence.vhostuser.backend;

/**
 * What a device offers to every front-end that connects.
 *
 * @param features virtio feature bits
 * @param protocolFeatures vhost-user protocol feature bits
 * @param queuePairs most pairs of receive and transmit queue
 * @param mtu largest network-layer packet in bytes; NET_SET_MTU above it is refused
 */
public record DeviceOffer(long features, long protocolFeatures, int queuePairs, int mtu) {}

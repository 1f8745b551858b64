package io.ringfence.dataplane.network;

/**
 * What all members of an isolated layer-2 segment have in common.
 *
 * <p>Frames reach members of their own network only, because no worker knows any other receive side.
 *
 * @param name as configured
 * @param mtu largest network-layer packet, in bytes
 * @param addresses where addresses are
 */
public record Network(String name, int mtu, MacTable addresses) {
    /** What a frame may have beside its packet: an Ethernet header, and two VLAN tags (IEEE 802.1ad). */
    public static final int HEADERS_BYTES = 14 + 8;

    /** Longest frame, in bytes. */
    public int maxFrameLength() {
        return mtu + HEADERS_BYTES;
    }
}

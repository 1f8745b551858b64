package io.ringfence.dataplane.network;

import io.ringfence.dataplane.delivery.ReceiveSide;
import java.util.List;

/**
 * One isolated layer-2 segment: its members' receive sides and the table of their addresses.
 *
 * <p>Members are fixed; frames reach members of their own network only, because no worker knows any other receive side.
 */
public final class Network {
    private final String name;
    private final int mtu;
    private final ReceiveSide[] receivers;
    private final MacTable addresses;

    /**
     * @param name as configured
     * @param mtu largest network-layer packet, in bytes
     * @param receivers receive sides of all members, by index
     * @param addresses table for exactly these members
     */
    public Network(String name, int mtu, List<ReceiveSide> receivers, MacTable addresses) {
        this.name = name;
        this.mtu = mtu;
        this.receivers = receivers.toArray(ReceiveSide[]::new);
        this.addresses = addresses;
    }

    /** Name as configured. */
    public String name() {
        return name;
    }

    /** Largest network-layer packet, in bytes. */
    public int mtu() {
        return mtu;
    }

    /** Longest frame: the MTU, an Ethernet header, and two VLAN tags (IEEE 802.1ad). */
    public int maxFrameLength() {
        return mtu + 14 + 8;
    }

    /** Receive sides of all members, by index; not to be changed. */
    public ReceiveSide[] receivers() {
        return receivers;
    }

    /** Where addresses are. */
    public MacTable addresses() {
        return addresses;
    }
}

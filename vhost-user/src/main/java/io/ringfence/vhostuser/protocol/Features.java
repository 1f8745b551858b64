package io.ringfence.vhostuser.protocol;

/** virtio feature bits (VIRTIO 1.3, sections 5.1.3 and 6) and the two that vhost adds, as masks. */
public final class Features {
    /** The device takes frames with partial checksums. */
    public static final long NET_CSUM = 1L;
    /** The driver takes frames with partial checksums. */
    public static final long NET_GUEST_CSUM = 1L << 1;
    /** The device names its largest packet. */
    public static final long NET_MTU = 1L << 3;
    /** The device has a MAC address. */
    public static final long NET_MAC = 1L << 5;
    /** The driver takes TSO frames over IPv4. */
    public static final long NET_GUEST_TSO4 = 1L << 7;
    /** The driver takes TSO frames over IPv6. */
    public static final long NET_GUEST_TSO6 = 1L << 8;
    /** The driver takes TSO frames with ECN. */
    public static final long NET_GUEST_ECN = 1L << 9;
    /** The device takes TSO frames over IPv4. */
    public static final long NET_HOST_TSO4 = 1L << 11;
    /** The device takes TSO frames over IPv6. */
    public static final long NET_HOST_TSO6 = 1L << 12;
    /** The device takes TSO frames with ECN. */
    public static final long NET_HOST_ECN = 1L << 13;
    /** A received frame may span several chains. */
    public static final long NET_MRG_RXBUF = 1L << 15;
    /** The configuration space has a status field. */
    public static final long NET_STATUS = 1L << 16;
    /** There is a control queue; the front-end serves it. */
    public static final long NET_CTRL_VQ = 1L << 17;
    /** The control queue sets receive modes. */
    public static final long NET_CTRL_RX = 1L << 18;
    /** The driver announces the guest itself when asked. */
    public static final long NET_GUEST_ANNOUNCE = 1L << 21;
    /** There are several queue pairs. */
    public static final long NET_MQ = 1L << 22;
    /** The control queue sets the MAC address. */
    public static final long NET_CTRL_MAC_ADDR = 1L << 23;
    /** vhost: all writes to guest memory are logged. */
    public static final long LOG_ALL = 1L << 26;
    /** Drivers may lay out buffers as they like. */
    public static final long ANY_LAYOUT = 1L << 27;
    /** Descriptors may point to tables of descriptors. */
    public static final long INDIRECT_DESC = 1L << 28;
    /** Notifications are asked for by ring index. */
    public static final long EVENT_IDX = 1L << 29;
    /** vhost-user: GET_PROTOCOL_FEATURES and SET_PROTOCOL_FEATURES exist, and rings start disabled. */
    public static final long PROTOCOL_FEATURES = 1L << 30;
    /** The device follows VIRTIO 1.0 or later. */
    public static final long VERSION_1 = 1L << 32;
    /** Addresses are I/O virtual addresses. */
    public static final long ACCESS_PLATFORM = 1L << 33;
    /** Rings have the packed layout. */
    public static final long RING_PACKED = 1L << 34;
    /** The device uses buffers in the order in which they became available. */
    public static final long IN_ORDER = 1L << 35;
    /** The driver takes USO frames over IPv4. */
    public static final long NET_GUEST_USO4 = 1L << 54;
    /** The driver takes USO frames over IPv6. */
    public static final long NET_GUEST_USO6 = 1L << 55;
    /** The device takes USO frames. */
    public static final long NET_HOST_USO = 1L << 56;
    /** All by which checksums and segmentation are left to whoever gets a frame, in both directions. */
    public static final long NET_OFFLOADS = NET_CSUM
            | NET_GUEST_CSUM
            | NET_HOST_TSO4
            | NET_HOST_TSO6
            | NET_HOST_ECN
            | NET_HOST_USO
            | NET_GUEST_TSO4
            | NET_GUEST_TSO6
            | NET_GUEST_ECN
            | NET_GUEST_USO4
            | NET_GUEST_USO6;

    private Features() {}
}

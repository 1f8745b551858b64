package io.ringfence.vhostuser.protocol;

/** vhost-user protocol feature bits (vhost-user.rst, "Protocol features"), as masks. */
public final class ProtocolFeatures {
    /** The back-end tells how many queues it has. */
    public static final long MQ = 1L;
    /** Logging of dirty pages into shared memory. */
    public static final long LOG_SHMFD = 1L << 1;
    /** The back-end announces a guest that cannot do it itself. */
    public static final long RARP = 1L << 2;
    /** Any request can ask for an acknowledgement. */
    public static final long REPLY_ACK = 1L << 3;
    /** The front-end tells the MTU. */
    public static final long MTU = 1L << 4;
    /** The back-end sends requests of its own. */
    public static final long BACKEND_REQ = 1L << 5;
    /** Legacy rings of either endianness. */
    public static final long CROSS_ENDIAN = 1L << 6;
    /** Crypto devices. */
    public static final long CRYPTO_SESSION = 1L << 7;
    /** Postcopy migration. */
    public static final long PAGEFAULT = 1L << 8;
    /** The back-end owns the configuration space. */
    public static final long CONFIG = 1L << 9;
    /** Buffers in flight are tracked in shared memory. */
    public static final long INFLIGHT_SHMFD = 1L << 12;
    /** The device can be reset. */
    public static final long RESET_DEVICE = 1L << 13;
    /** Kicks and calls as messages. */
    public static final long INBAND_NOTIFICATIONS = 1L << 14;
    /** Memory regions are added and removed one by one. */
    public static final long CONFIGURE_MEM_SLOTS = 1L << 15;
    /** The virtio device status is told. */
    public static final long STATUS = 1L << 16;

    private ProtocolFeatures() {}
}

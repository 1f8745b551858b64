package io.ringfence.vhostuser.protocol;

import static io.ringfence.vhostuser.protocol.PayloadForm.*;

import org.jspecify.annotations.Nullable;

/** Requests of the front-end to the back-end (vhost-user.rst, "Front-end message types"), named as there. */
public enum Request {
    GET_FEATURES(1, NONE, U64, 0),
    SET_FEATURES(2, U64, NONE, 0),
    SET_OWNER(3, NONE, NONE, 0),
    RESET_OWNER(4, NONE, NONE, 0),
    SET_MEM_TABLE(5, MEMORY_TABLE, NONE, 0),
    SET_LOG_BASE(6, UNSUPPORTED, UNSUPPORTED, ProtocolFeatures.LOG_SHMFD),
    SET_LOG_FD(7, UNSUPPORTED, NONE, ProtocolFeatures.LOG_SHMFD),
    SET_VRING_NUM(8, VRING_STATE, NONE, 0),
    SET_VRING_ADDR(9, VRING_ADDRESS, NONE, 0),
    SET_VRING_BASE(10, VRING_STATE, NONE, 0),
    GET_VRING_BASE(11, VRING_STATE, VRING_STATE, 0),
    SET_VRING_KICK(12, U64, NONE, 0),
    SET_VRING_CALL(13, U64, NONE, 0),
    SET_VRING_ERR(14, U64, NONE, 0),
    GET_PROTOCOL_FEATURES(15, NONE, U64, 0),
    SET_PROTOCOL_FEATURES(16, U64, NONE, 0),
    GET_QUEUE_NUM(17, NONE, U64, ProtocolFeatures.MQ),
    SET_VRING_ENABLE(18, VRING_STATE, NONE, 0),
    SEND_RARP(19, U64, NONE, ProtocolFeatures.RARP),
    NET_SET_MTU(20, U64, NONE, ProtocolFeatures.MTU),
    SET_BACKEND_REQ_FD(21, UNSUPPORTED, NONE, ProtocolFeatures.BACKEND_REQ),
    IOTLB_MSG(22, UNSUPPORTED, U64, ProtocolFeatures.BACKEND_REQ),
    SET_VRING_ENDIAN(23, UNSUPPORTED, NONE, ProtocolFeatures.CROSS_ENDIAN),
    GET_CONFIG(24, UNSUPPORTED, UNSUPPORTED, ProtocolFeatures.CONFIG),
    SET_CONFIG(25, UNSUPPORTED, NONE, ProtocolFeatures.CONFIG),
    CREATE_CRYPTO_SESSION(26, UNSUPPORTED, UNSUPPORTED, ProtocolFeatures.CRYPTO_SESSION),
    CLOSE_CRYPTO_SESSION(27, UNSUPPORTED, NONE, ProtocolFeatures.CRYPTO_SESSION),
    POSTCOPY_ADVISE(28, UNSUPPORTED, UNSUPPORTED, ProtocolFeatures.PAGEFAULT),
    POSTCOPY_LISTEN(29, UNSUPPORTED, NONE, ProtocolFeatures.PAGEFAULT),
    POSTCOPY_END(30, UNSUPPORTED, U64, ProtocolFeatures.PAGEFAULT),
    GET_INFLIGHT_FD(31, UNSUPPORTED, UNSUPPORTED, ProtocolFeatures.INFLIGHT_SHMFD),
    SET_INFLIGHT_FD(32, UNSUPPORTED, NONE, ProtocolFeatures.INFLIGHT_SHMFD),
    GPU_SET_SOCKET(33, UNSUPPORTED, NONE, 0),
    RESET_DEVICE(34, NONE, NONE, ProtocolFeatures.RESET_DEVICE),
    VRING_KICK(35, UNSUPPORTED, NONE, ProtocolFeatures.INBAND_NOTIFICATIONS),
    GET_MAX_MEM_SLOTS(36, NONE, U64, ProtocolFeatures.CONFIGURE_MEM_SLOTS),
    ADD_MEM_REG(37, SINGLE_REGION, NONE, ProtocolFeatures.CONFIGURE_MEM_SLOTS),
    REM_MEM_REG(38, SINGLE_REGION, NONE, ProtocolFeatures.CONFIGURE_MEM_SLOTS),
    SET_STATUS(39, U64, NONE, ProtocolFeatures.STATUS),
    GET_STATUS(40, NONE, U64, ProtocolFeatures.STATUS);

    private static final Request[] BY_ID = new Request[41];

    static {
        for (Request request : values()) {
            BY_ID[request.id] = request;
        }
    }

    private final int id;
    private final PayloadForm payload;
    private final PayloadForm reply;
    private final long protocolFeature;

    Request(int id, PayloadForm payload, PayloadForm reply, long protocolFeature) {
        this.id = id;
        this.payload = payload;
        this.reply = reply;
        this.protocolFeature = protocolFeature;
    }

    /** The request with this number, or null if there is none or it is newer than this library. */
    public static @Nullable Request of(int id) {
        return id < 0 || id >= BY_ID.length ? null : BY_ID[id];
    }

    /** Its number on the wire. */
    public int id() {
        return id;
    }

    /** What the request carries. */
    public PayloadForm payload() {
        return payload;
    }

    /** What its own reply carries; {@link PayloadForm#NONE} if it has none and can only be acknowledged. */
    public PayloadForm reply() {
        return reply;
    }

    /** The protocol feature that must have been negotiated for it, as a mask; 0 if none. */
    public long protocolFeature() {
        return protocolFeature;
    }

    /** Name and number, for messages to people. */
    public String describe() {
        return name() + " (" + id + ")";
    }
}

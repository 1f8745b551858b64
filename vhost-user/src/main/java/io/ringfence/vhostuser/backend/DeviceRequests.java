package io.ringfence.vhostuser.backend;

import io.ringfence.vhostuser.protocol.Message;
import io.ringfence.vhostuser.protocol.Payload.U64;
import io.ringfence.vhostuser.protocol.ProtocolViolation;
import io.ringfence.vhostuser.protocol.Request;
import java.util.List;

/** The requests that concern the device as a whole. */
final class DeviceRequests {
    private static final int MIN_MTU =
            68; // VIRTIO 1.3, section 5.1.4.1: "The device MUST set mtu to between 68 and 65535"

    private final SessionState state;
    private final Device device;

    private DeviceRequests(SessionState state, Device device) {
        this.state = state;
        this.device = device;
    }

    static void register(RequestTable table, SessionState state, Device device) {
        DeviceRequests requests = new DeviceRequests(state, device);
        // Named after queues, but of a network device it is the number of pairs: QEMU compares it with queues=N of
        // -netdev vhost-user, and DPDK replies VHOST_MAX_QUEUE_PAIRS.
        table.on(Request.GET_QUEUE_NUM, ignored -> Answer.u64(state.offer.queuePairs()));
        table.on(Request.RESET_OWNER, requests::resetOwner);
        table.on(Request.RESET_DEVICE, requests::resetDevice);
        table.on(Request.GET_STATUS, ignored -> Answer.u64(state.status));
        table.on(Request.SET_STATUS, requests::setStatus);
        table.on(Request.NET_SET_MTU, requests::setMtu);
        table.on(Request.SEND_RARP, requests::sendRarp);
    }

    /** "It is recommended that back-ends either ignore this message, or use it to disable all rings." */
    private Answer resetOwner(Message message) {
        state.vrings.forEach(vring -> vring.setEnabled(false));
        return Answer.DONE;
    }

    private Answer resetDevice(Message message) {
        state.reset();
        return Answer.DONE;
    }

    /**
     * VIRTIO 1.3, section 2.1: "writing 0 into this field resets the device": the rings stop.
     *
     * <p>Their positions stay: QEMU 7.2 asks for them with GET_VRING_BASE only after this, and would go on from zero
     * when a paused guest continues.
     */
    private Answer setStatus(Message message) throws ProtocolViolation {
        long status = ((U64) message.payload()).value();
        if ((status & ~0xffL) != 0) {
            throw new ProtocolViolation(
                    "%s sets 0x%x, expected 8 bits".formatted(message.request().describe(), status));
        }
        state.status = status;
        if (status != 0) {
            return Answer.DONE;
        }
        List<Runnable> released = state.vrings.stream().map(Vring::stop).toList();
        return new Answer.Done(() -> released.forEach(Runnable::run));
    }

    private Answer setMtu(Message message) {
        long mtu = ((U64) message.payload()).value();
        return mtu >= MIN_MTU && mtu <= state.offer.mtu()
                ? Answer.DONE
                : new Answer.Refused("%s sets %s, expected %d to %d"
                        .formatted(
                                message.request().describe(), Long.toUnsignedString(mtu), MIN_MTU, state.offer.mtu()));
    }

    /** "The first 6 bytes of the payload contain the mac address", as they lie in memory. */
    private Answer sendRarp(Message message) {
        long payload = ((U64) message.payload()).value();
        byte[] macAddress = new byte[6];
        for (int i = 0; i < macAddress.length; i++) {
            macAddress[i] = (byte) (payload >>> (8 * i));
        }
        device.announce(macAddress);
        return Answer.DONE;
    }
}

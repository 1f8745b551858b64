package io.ringfence.vhostuser.backend;

import io.ringfence.vhostuser.event.EventFd;
import io.ringfence.vhostuser.linux.FileDescriptors;
import io.ringfence.vhostuser.protocol.Features;
import io.ringfence.vhostuser.protocol.Message;
import io.ringfence.vhostuser.protocol.Payload.U64;
import io.ringfence.vhostuser.protocol.Payload.VringAddress;
import io.ringfence.vhostuser.protocol.Payload.VringState;
import io.ringfence.vhostuser.protocol.ProtocolViolation;
import io.ringfence.vhostuser.protocol.Request;
import java.io.IOException;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** The requests that set up, start and stop rings. */
final class VringRequests {
    private static final int MAX_ENTRIES = 32768; // VIRTIO 1.3, sections 2.7 and 2.8
    private static final long INDEX_MASK = 0xff;
    private static final long NO_DESCRIPTOR = 1 << 8;

    private final SessionState state;
    private final SessionControl session;

    private VringRequests(SessionState state, SessionControl session) {
        this.state = state;
        this.session = session;
    }

    static void register(RequestTable table, SessionState state, SessionControl session) {
        VringRequests requests = new VringRequests(state, session);
        table.on(Request.SET_VRING_NUM, requests::setSize);
        table.on(Request.SET_VRING_ADDR, requests::setAddress);
        table.on(Request.SET_VRING_BASE, requests::setBase);
        table.on(Request.GET_VRING_BASE, requests::getBase);
        table.on(Request.SET_VRING_ENABLE, requests::setEnabled);
        table.onWithDescriptors(Request.SET_VRING_KICK, requests.descriptor(Vring::start));
        table.onWithDescriptors(Request.SET_VRING_CALL, requests.descriptor(Vring::setCall));
        table.onWithDescriptors(Request.SET_VRING_ERR, requests.descriptor(Vring::setError));
    }

    private Answer setSize(Message message) throws ProtocolViolation {
        VringState wanted = (VringState) message.payload();
        Vring vring = stopped(message.request(), wanted.index());
        int entries = wanted.number();
        boolean sizeable = packed() || Integer.bitCount(entries) == 1;
        if (entries <= 0 || entries > MAX_ENTRIES || !sizeable) {
            throw new ProtocolViolation("%s sets the size of ring %d to %s, expected %s up to %d"
                    .formatted(
                            message.request().describe(),
                            wanted.index(),
                            Integer.toUnsignedString(entries),
                            packed() ? "a number" : "a power of two",
                            MAX_ENTRIES));
        }
        vring.setSize(entries);
        return Answer.DONE;
    }

    private Answer setAddress(Message message) throws ProtocolViolation {
        VringAddress wanted = (VringAddress) message.payload();
        Vring vring = vring(message.request(), wanted.index());
        if (wanted.flags() != 0) {
            // VHOST_VRING_F_LOG, the one flag there is: a migration would lose what is not logged.
            throw new ProtocolViolation("%s of ring %d has flags 0x%x, expected 0: logging was not offered"
                    .formatted(message.request().describe(), wanted.index(), wanted.flags()));
        }
        vring.setAddress(wanted);
        return Answer.DONE;
    }

    private Answer setBase(Message message) throws ProtocolViolation {
        VringState wanted = (VringState) message.payload();
        Vring vring = stopped(message.request(), wanted.index());
        // Of a packed ring the upper half is where to use: QEMU sends it, DPDK leaves it zero. Nothing is in flight
        // here,
        // so that it is where to make available, too.
        if (!packed() && (wanted.number() & ~0xffff) != 0) {
            throw new ProtocolViolation("%s sets the base of ring %d to %s, expected a 16-bit available index"
                    .formatted(
                            message.request().describe(), wanted.index(), Integer.toUnsignedString(wanted.number())));
        }
        vring.setBase(wanted.number());
        return Answer.DONE;
    }

    private boolean packed() {
        return (state.features & Features.RING_PACKED) != 0;
    }

    private Answer getBase(Message message) throws ProtocolViolation {
        int index = ((VringState) message.payload()).index();
        Vring vring = vring(message.request(), index);
        Runnable released = vring.stop();
        return new Answer.Reply(() -> {
            released.run();
            return new VringState(index, vring.base());
        });
    }

    /**
     * "Should be sent only when VHOST_USER_F_PROTOCOL_FEATURES has been negotiated": QEMU sends it before SET_FEATURES,
     * so that having been offered is enough.
     */
    private Answer setEnabled(Message message) throws ProtocolViolation {
        VringState wanted = (VringState) message.payload();
        Vring vring = vring(message.request(), wanted.index());
        if ((state.offeredFeatures() & Features.PROTOCOL_FEATURES) == 0) {
            throw new ProtocolViolation(message.request().describe() + " needs feature bit 30, which was not offered");
        }
        if ((wanted.number() & ~1) != 0) {
            throw new ProtocolViolation("%s of ring %d has %s, expected 0 or 1"
                    .formatted(
                            message.request().describe(), wanted.index(), Integer.toUnsignedString(wanted.number())));
        }
        vring.setEnabled(wanted.number() == 1);
        return Answer.DONE;
    }

    /** The requests that give a ring a descriptor, or say that it has none. */
    private RequestTable.Handler descriptor(BiConsumer<Vring, @Nullable EventFd> setter) {
        return (message, descriptors) -> {
            Request request = message.request();
            long payload = ((U64) message.payload()).value();
            if ((payload & ~(INDEX_MASK | NO_DESCRIPTOR)) != 0) {
                throw new ProtocolViolation("%s has payload 0x%x, expected a ring index and bit 8 at most"
                        .formatted(request.describe(), payload));
            }
            boolean none = (payload & NO_DESCRIPTOR) != 0;
            Vring vring = vring(request, (int) (payload & INDEX_MASK));
            RequestTable.requireDescriptors(request, descriptors, none ? 0 : 1);
            setter.accept(vring, none ? null : adopt(request, (int) (payload & INDEX_MASK), descriptors));
            return Answer.DONE;
        };
    }

    private EventFd adopt(Request request, int index, FileDescriptors descriptors) throws ProtocolViolation {
        try {
            EventFd adopted = request == Request.SET_VRING_KICK
                    ? EventFd.adopt(descriptors.first())
                    : EventFd.adopt(descriptors.first(), () -> endForFullCounter(request, index));
            descriptors.takeFirst();
            return adopted;
        } catch (IOException e) {
            throw new ProtocolViolation(request.describe() + ": " + e.getMessage());
        }
    }

    private void endForFullCounter(Request request, int index) {
        session.end("%s of ring %d: the front-end filled the eventfd's counter, so that signals could block"
                .formatted(request.describe(), index));
    }

    private Vring vring(Request request, int index) throws ProtocolViolation {
        if (Integer.compareUnsigned(index, state.vrings.size()) >= 0) {
            throw new ProtocolViolation("%s names ring %s, expected 0 to %d"
                    .formatted(request.describe(), Integer.toUnsignedString(index), state.vrings.size() - 1));
        }
        return state.vrings.get(index);
    }

    /** A ring whose position and size may be set: the kernel's vhost refuses it for a running one, too. */
    private Vring stopped(Request request, int index) throws ProtocolViolation {
        Vring vring = vring(request, index);
        if (vring.runs()) {
            throw new ProtocolViolation(
                    "%s names ring %d, which runs: expected it stopped".formatted(request.describe(), index));
        }
        return vring;
    }
}

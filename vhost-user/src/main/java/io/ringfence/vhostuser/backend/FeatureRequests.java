package io.ringfence.vhostuser.backend;

import io.ringfence.vhostuser.protocol.Features;
import io.ringfence.vhostuser.protocol.Message;
import io.ringfence.vhostuser.protocol.Payload.U64;
import io.ringfence.vhostuser.protocol.ProtocolViolation;
import io.ringfence.vhostuser.protocol.Request;

/** The requests by which front-end and back-end agree on features. */
final class FeatureRequests {
    private final SessionState state;

    private FeatureRequests(SessionState state) {
        this.state = state;
    }

    static void register(RequestTable table, SessionState state) {
        FeatureRequests requests = new FeatureRequests(state);
        table.on(Request.GET_FEATURES, ignored -> Answer.u64(state.offeredFeatures()));
        table.on(Request.SET_FEATURES, requests::setFeatures);
        table.on(Request.GET_PROTOCOL_FEATURES, requests::getProtocolFeatures);
        table.on(Request.SET_PROTOCOL_FEATURES, requests::setProtocolFeatures);
        table.on(Request.SET_OWNER, ignored -> Answer.DONE);
    }

    private Answer setFeatures(Message message) throws ProtocolViolation {
        long wanted = ((U64) message.payload()).value();
        requireOffered(message, wanted, state.offeredFeatures());
        // QEMU sends SET_FEATURES once per queue pair, when the first pair may run already; but always the same.
        if (wanted != state.features && state.anyRingRuns()) {
            throw new ProtocolViolation("%s changes the features from 0x%x to 0x%x while rings run, expected it before"
                    .formatted(message.request().describe(), state.features, wanted));
        }
        state.features = wanted;
        return Answer.DONE;
    }

    private Answer getProtocolFeatures(Message message) throws ProtocolViolation {
        requireProtocolFeatures(message);
        return Answer.u64(state.offer.protocolFeatures());
    }

    private Answer setProtocolFeatures(Message message) throws ProtocolViolation {
        requireProtocolFeatures(message);
        long wanted = ((U64) message.payload()).value();
        requireOffered(message, wanted, state.offer.protocolFeatures());
        state.protocolFeatures = wanted;
        return Answer.DONE;
    }

    /** "Only legal if VHOST_USER_F_PROTOCOL_FEATURES is present in GET_FEATURES"; it need not be acknowledged. */
    private void requireProtocolFeatures(Message message) throws ProtocolViolation {
        if ((state.offeredFeatures() & Features.PROTOCOL_FEATURES) == 0) {
            throw new ProtocolViolation(message.request().describe() + " needs feature bit 30, which was not offered");
        }
    }

    private static void requireOffered(Message message, long wanted, long offered) throws ProtocolViolation {
        long surplus = wanted & ~offered;
        if (surplus != 0) {
            throw new ProtocolViolation("%s sets %s, which was not offered: expected a subset of 0x%x"
                    .formatted(message.request().describe(), Bits.describe(surplus, "feature"), offered));
        }
    }
}

package io.ringfence.vhostuser.backend;

import io.ringfence.vhostuser.linux.FileDescriptors;
import io.ringfence.vhostuser.protocol.Message;
import io.ringfence.vhostuser.protocol.ProtocolViolation;
import io.ringfence.vhostuser.protocol.Request;
import java.util.EnumMap;
import java.util.Map;

/** Which handler serves which request of a session. */
final class RequestTable {
    /** Serves a request; descriptors that it does not take are closed. */
    interface Handler {
        Answer handle(Message message, FileDescriptors descriptors) throws ProtocolViolation;
    }

    /** Serves a request that carries no descriptors. */
    interface PlainHandler {
        Answer handle(Message message) throws ProtocolViolation;
    }

    private final Map<Request, Handler> handlers = new EnumMap<>(Request.class);

    void on(Request request, PlainHandler handler) {
        onWithDescriptors(request, (message, descriptors) -> {
            requireDescriptors(request, descriptors, 0);
            return handler.handle(message);
        });
    }

    void onWithDescriptors(Request request, Handler handler) {
        handlers.put(request, handler);
    }

    Answer handle(Message message, FileDescriptors descriptors, SessionState state) throws ProtocolViolation {
        Request request = message.request();
        Handler handler = handlers.get(request);
        if (handler == null || (request.protocolFeature() & ~state.protocolFeatures) != 0) {
            throw new ProtocolViolation("%s needs %s, which was not negotiated"
                    .formatted(request.describe(), Bits.describe(request.protocolFeature(), "protocol feature")));
        }
        return handler.handle(message, descriptors);
    }

    static void requireDescriptors(Request request, FileDescriptors found, int expected) throws ProtocolViolation {
        if (found.count() != expected) {
            throw new ProtocolViolation("%s came with %d file descriptors, expected %d"
                    .formatted(request.describe(), found.count(), expected));
        }
    }
}

package io.ringfence.vhostuser.backend;

import io.ringfence.vhostuser.protocol.Payload;
import java.util.function.Supplier;

/** What a request comes to. */
sealed interface Answer {
    /** Done; acknowledged with zero if the front-end asked for it. */
    Answer DONE = new Done(() -> {});

    /** Done once {@code afterwards} has run, which is when the device has taken on the new state. */
    record Done(Runnable afterwards) implements Answer {}

    /** Refused; acknowledged with one if the front-end asked for it, else the end of the session. */
    record Refused(String reason) implements Answer {}

    /** The reply that the request has of its own, made when the device has taken on the new state. */
    record Reply(Supplier<Payload> payload) implements Answer {}

    /** The reply of a request that asks for one number. */
    static Answer u64(long value) {
        return new Reply(() -> new Payload.U64(value));
    }
}

package io.ringfence.vhostuser.protocol;

/** The peer said something that the vhost-user protocol does not allow; the message names it and what was expected. */
public final class ProtocolViolation extends Exception {
    /** Creates a violation with the reason that ends the session. */
    public ProtocolViolation(String reason) {
        super(reason);
    }
}

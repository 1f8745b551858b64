package io.ringfence.vhostuser.protocol;

/**
 * The checked header of a message.
 *
 * @param request what is asked, or answered
 * @param reply whether it is the answer
 * @param needReply whether an acknowledgement is wanted (REPLY_ACK)
 * @param payloadLength bytes that follow; possible for this request
 */
public record Header(Request request, boolean reply, boolean needReply, int payloadLength) {
    /** Bytes of a header on the wire. */
    public static final int LENGTH = 12;
}

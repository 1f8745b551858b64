package io.ringfence.vhostuser.protocol;

/**
 * A message in either direction; its file descriptors travel beside it, with an owner of their own.
 *
 * @param request what is asked, or answered
 * @param reply whether it is the answer
 * @param needReply whether an acknowledgement is wanted (REPLY_ACK)
 * @param payload of the form that the request or its reply has
 */
public record Message(Request request, boolean reply, boolean needReply, Payload payload) {
    /** A request without acknowledgement. */
    public static Message request(Request request, Payload payload) {
        return new Message(request, false, false, payload);
    }

    /** The reply to a request: its own, or an acknowledgement, which is a {@link Payload.U64}, 0 for success. */
    public static Message reply(Request request, Payload payload) {
        return new Message(request, true, false, payload);
    }

    /** The same message, which asks for an acknowledgement. */
    public Message withNeedReply() {
        return new Message(request, reply, true, payload);
    }
}

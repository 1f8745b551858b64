package io.ringfence.vhostuser.backend;

import io.ringfence.vhostuser.linux.UnixSocket;
import io.ringfence.vhostuser.protocol.Message;
import io.ringfence.vhostuser.protocol.MessageCodec;
import io.ringfence.vhostuser.protocol.Payload.U64;
import io.ringfence.vhostuser.protocol.ProtocolViolation;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Tells a front-end what its requests came to (vhost-user.rst, "Communication", and REPLY_ACK), one reply after the other,
 * however little of one the socket takes at once.
 *
 * <p>Used by the session's event loop only. While a reply is not sent as a whole, its {@link Watch} waits for the socket to take
 * the rest, and nothing is read.
 */
final class ReplyWriter implements AutoCloseable {
    private final UnixSocket socket;
    private final Watch watch;
    private final Deadline deadline;
    private @Nullable ByteBuffer unsent;

    /** @param deadline for the front-end to read a reply that the socket did not take */
    ReplyWriter(UnixSocket socket, Watch watch, Deadline deadline) {
        this.socket = socket;
        this.watch = watch;
        this.deadline = deadline;
    }

    /** Whether all replies are sent as a whole, so that requests may be read. */
    boolean isThrough() {
        return unsent == null;
    }

    /**
     * Answers a request whose state the device has taken on.
     *
     * @throws ProtocolViolation if it is refused and the front-end does not want to be told
     * @throws IOException if the front-end is gone
     */
    void answer(Message request, Answer answer) throws IOException, ProtocolViolation {
        switch (answer) {
            case Answer.Done done -> {
                done.afterwards().run();
                acknowledge(request, 0);
            }
            case Answer.Refused refused -> {
                if (!request.needReply()) {
                    throw new ProtocolViolation(refused.reason());
                }
                acknowledge(request, 1);
            }
            case Answer.Reply reply ->
                send(Message.reply(request.request(), reply.payload().get()));
        }
    }

    private void acknowledge(Message request, long result) throws IOException {
        if (request.needReply()) {
            send(Message.reply(request.request(), new U64(result)));
        }
    }

    private void send(Message reply) throws IOException {
        ByteBuffer bytes = MessageCodec.encode(reply);
        write(bytes);
        if (bytes.hasRemaining()) {
            unsent = bytes;
            deadline.begin();
            watch.waitToWrite();
        }
    }

    /** Sends what is left of a reply, as far as the socket takes it. */
    void goOn() throws IOException {
        if (unsent == null) {
            return;
        }
        write(unsent);
        if (!unsent.hasRemaining()) {
            unsent = null;
            deadline.cancel();
            watch.waitToRead();
        }
    }

    /** Stops waiting for the front-end to read what is left of a reply. */
    @Override
    public void close() {
        deadline.cancel();
    }

    private void write(ByteBuffer bytes) throws IOException {
        try {
            socket.send(bytes);
        } catch (IOException e) {
            throw socket.peerClosed() ? new IOException("front-end closed the connection before its reply", e) : e;
        }
    }
}

package io.ringfence.vhostuser.frontend;

import io.ringfence.vhostuser.linux.FileDescriptors;
import io.ringfence.vhostuser.linux.UnixSocket;
import io.ringfence.vhostuser.protocol.Header;
import io.ringfence.vhostuser.protocol.Message;
import io.ringfence.vhostuser.protocol.MessageCodec;
import io.ringfence.vhostuser.protocol.Payload;
import io.ringfence.vhostuser.protocol.PayloadForm;
import io.ringfence.vhostuser.protocol.ProtocolViolation;
import io.ringfence.vhostuser.protocol.Request;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;

/**
 * The front-end's end of a vhost-user socket: sends a request, and waits for its reply for a bounded time.
 *
 * <p>One thread at a time.
 */
final class RequestChannel implements AutoCloseable {
    private final UnixSocket socket;
    private final Duration timeLimit;
    private boolean acknowledged;

    RequestChannel(UnixSocket socket, Duration timeLimit) {
        this.socket = socket;
        this.timeLimit = timeLimit;
    }

    /** From now on each request without a reply of its own is acknowledged (REPLY_ACK). */
    void expectAcknowledgements() {
        acknowledged = true;
    }

    /** Sends a request and returns its reply's payload, or {@link Payload#NONE} if there is none to wait for. */
    Payload exchange(Request request, Payload payload, int... descriptors) throws IOException {
        boolean replies = request.reply() != PayloadForm.NONE;
        Message message = Message.request(request, payload);
        Readiness wait = Readiness.within(timeLimit);
        send(wait, acknowledged && !replies ? message.withNeedReply() : message, descriptors);
        if (replies) {
            return receive(wait, request);
        }
        if (acknowledged && receive(wait, request) instanceof Payload.U64 answer && answer.value() != 0) {
            throw new IOException("back-end refused %s with %d, expected the acknowledgement 0"
                    .formatted(request.describe(), answer.value()));
        }
        return Payload.NONE;
    }

    private void send(Readiness wait, Message message, int... descriptors) throws IOException {
        ByteBuffer bytes = MessageCodec.encode(message);
        while (bytes.hasRemaining()) {
            boolean first = bytes.position() == 0;
            if (socket.send(bytes, first ? descriptors : new int[0]) == 0) {
                wait.await(
                        socket.fd(),
                        Readiness.WRITABLE,
                        "room for " + message.request().describe());
            }
        }
    }

    private Payload receive(Readiness wait, Request request) throws IOException {
        try {
            Header header = MessageCodec.decodeHeader(read(wait, Header.LENGTH, request), true);
            if (header.request() != request) {
                throw new ProtocolViolation("reply to %s, expected one to %s"
                        .formatted(header.request().describe(), request.describe()));
            }
            return MessageCodec.decodePayload(header, read(wait, header.payloadLength(), request))
                    .payload();
        } catch (ProtocolViolation e) {
            throw new IOException("back-end broke the protocol: " + e.getMessage(), e);
        }
    }

    private ByteBuffer read(Readiness wait, int length, Request request) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocateDirect(length);
        try (FileDescriptors unexpected = new FileDescriptors()) {
            while (bytes.hasRemaining()) {
                int received = socket.receive(bytes, unexpected);
                if (received == UnixSocket.END_OF_STREAM) {
                    throw new IOException("back-end closed the session instead of replying to " + request.describe());
                }
                if (received == 0) {
                    wait.await(socket.fd(), Readiness.READABLE, "reply to " + request.describe());
                }
            }
        }
        return bytes.flip();
    }

    boolean peerClosed() {
        return socket.peerClosed();
    }

    @Override
    public void close() {
        socket.close();
    }
}

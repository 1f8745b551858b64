package io.ringfence.vhostuser.backend;

import io.ringfence.vhostuser.linux.FileDescriptors;
import io.ringfence.vhostuser.linux.UnixSocket;
import io.ringfence.vhostuser.protocol.Header;
import io.ringfence.vhostuser.protocol.Message;
import io.ringfence.vhostuser.protocol.MessageCodec;
import io.ringfence.vhostuser.protocol.ProtocolViolation;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Reads requests from a socket, however their bytes arrive, and never beyond the end of one.
 *
 * <p>So the kernel hands out a message's file descriptors with its own bytes and not with its neighbour's.
 */
final class MessageReader implements AutoCloseable {
    /** The most file descriptors that a request carries: one for each region of a SET_MEM_TABLE. */
    static final int MAX_DESCRIPTORS = 8;

    private final UnixSocket socket;
    private final ByteBuffer bytes = ByteBuffer.allocateDirect(MessageCodec.MAX_LENGTH);
    private FileDescriptors descriptors;
    private @Nullable Header header;

    MessageReader(UnixSocket socket) {
        this.socket = socket;
        descriptors = new FileDescriptors(socket.closes());
        bytes.limit(Header.LENGTH);
    }

    /** A request and its file descriptors, which are the receiver's to close. */
    record Received(Message message, FileDescriptors descriptors) {}

    /**
     * Reads what is there.
     *
     * @return the next request, or null if its end has not arrived
     * @throws IOException if the connection has ended
     * @throws ProtocolViolation if it is no request
     */
    @Nullable
    Received read() throws IOException, ProtocolViolation {
        while (true) {
            if (bytes.hasRemaining()) {
                int received = socket.receive(bytes, descriptors);
                if (descriptors.count() > MAX_DESCRIPTORS) {
                    throw new ProtocolViolation(
                            "more than %d file descriptors came with one message".formatted(MAX_DESCRIPTORS));
                }
                if (received == UnixSocket.END_OF_STREAM) {
                    throw new IOException(
                            begun()
                                    ? "front-end closed the connection after %d of %d bytes of a message"
                                            .formatted(bytes.position(), bytes.limit())
                                    : "front-end closed the connection");
                }
                if (bytes.hasRemaining()) {
                    return null;
                }
            }
            if (header == null) {
                header = MessageCodec.decodeHeader(bytes.rewind(), false);
                bytes.limit(Header.LENGTH + header.payloadLength());
            } else {
                Message message = MessageCodec.decodePayload(header, bytes.position(Header.LENGTH));
                Received complete = new Received(message, descriptors);
                descriptors = new FileDescriptors(socket.closes());
                header = null;
                bytes.clear().limit(Header.LENGTH);
                return complete;
            }
        }
    }

    /** Whether a message has begun whose end has not arrived. */
    boolean begun() {
        return bytes.position() > 0;
    }

    /** Closes the descriptors of a message that will never be complete. */
    @Override
    public void close() {
        descriptors.close();
    }
}

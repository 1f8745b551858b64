package io.ringfence.vhostuser.backend;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.testing.Await;
import io.ringfence.vhostuser.event.EventFd;
import io.ringfence.vhostuser.linux.FileDescriptors;
import io.ringfence.vhostuser.linux.UnixSocket;
import io.ringfence.vhostuser.protocol.Features;
import io.ringfence.vhostuser.protocol.Header;
import io.ringfence.vhostuser.protocol.Message;
import io.ringfence.vhostuser.protocol.MessageCodec;
import io.ringfence.vhostuser.protocol.Payload;
import io.ringfence.vhostuser.protocol.Payload.MemoryTable;
import io.ringfence.vhostuser.protocol.Payload.Region;
import io.ringfence.vhostuser.protocol.Payload.SingleRegion;
import io.ringfence.vhostuser.protocol.Payload.U64;
import io.ringfence.vhostuser.protocol.Payload.VringState;
import io.ringfence.vhostuser.protocol.ProtocolViolation;
import io.ringfence.vhostuser.protocol.Request;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;

/** A front-end that says whatever a test wants, byte by byte if need be. */
final class ScriptedFrontEnd implements AutoCloseable {
    static final long NO_DESCRIPTOR = 1 << 8;

    final UnixSocket socket;
    final SharedMemory memory;
    final EventFd kick = EventFd.create();
    final EventFd call = EventFd.create();

    ScriptedFrontEnd(UnixSocket socket) throws IOException {
        this.socket = socket;
        this.memory = new SharedMemory();
    }

    static ScriptedFrontEnd connect(Path path) throws IOException {
        return new ScriptedFrontEnd(UnixSocket.connect(path));
    }

    ScriptedFrontEnd raw(ByteBuffer bytes, int... descriptors) throws IOException {
        ByteBuffer direct =
                ByteBuffer.allocateDirect(bytes.remaining()).put(bytes).flip();
        int[] left = descriptors;
        while (direct.hasRemaining()) {
            if (socket.send(direct, left) > 0) {
                left = new int[0];
            } else {
                Thread.onSpinWait();
            }
        }
        return this;
    }

    ScriptedFrontEnd header(int id, int flags, int length) throws IOException {
        return raw(ByteBuffer.allocate(12)
                .order(ByteOrder.nativeOrder())
                .putInt(id)
                .putInt(flags)
                .putInt(length)
                .flip());
    }

    ScriptedFrontEnd send(Message message, int... descriptors) throws IOException {
        return raw(MessageCodec.encode(message), descriptors);
    }

    ScriptedFrontEnd send(Request request, Payload payload, int... descriptors) throws IOException {
        return send(Message.request(request, payload), descriptors);
    }

    ScriptedFrontEnd send(Request request) throws IOException {
        return send(request, Payload.NONE);
    }

    ScriptedFrontEnd u64(Request request, long value, int... descriptors) throws IOException {
        return send(request, new U64(value), descriptors);
    }

    ScriptedFrontEnd vring(Request request, int index, int number) throws IOException {
        return send(request, new VringState(index, number));
    }

    long get(Request request) throws IOException, ProtocolViolation {
        return ((U64) send(request).receive(request).payload()).value();
    }

    /** Sends a request that wants an acknowledgement, and returns it. */
    long acknowledged(Request request, Payload payload, int... descriptors) throws IOException, ProtocolViolation {
        send(Message.request(request, payload).withNeedReply(), descriptors);
        return ((U64) receive(request).payload()).value();
    }

    int base(int index) throws IOException, ProtocolViolation {
        VringState reply = (VringState) vring(Request.GET_VRING_BASE, index, 0)
                .receive(Request.GET_VRING_BASE)
                .payload();
        assertThat(reply.index()).isEqualTo(index);
        return reply.number();
    }

    Message receive(Request request) throws IOException, ProtocolViolation {
        ByteBuffer bytes = ByteBuffer.allocateDirect(MessageCodec.MAX_LENGTH);
        Header header = MessageCodec.decodeHeader(fill(bytes, Header.LENGTH).flip(), true);
        assertThat(header.request()).isEqualTo(request);
        bytes.clear();
        return MessageCodec.decodePayload(
                header, fill(bytes, header.payloadLength()).flip());
    }

    private ByteBuffer fill(ByteBuffer bytes, int length) {
        bytes.limit(length);
        Await.until("reply", () -> {
            try (FileDescriptors none = new FileDescriptors()) {
                if (bytes.hasRemaining() && socket.receive(bytes, none) == UnixSocket.END_OF_STREAM) {
                    throw new AssertionError("the back-end closed the connection");
                }
                assertThat(none.count()).isZero();
                return !bytes.hasRemaining();
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        return bytes;
    }

    ScriptedFrontEnd negotiate() throws IOException, ProtocolViolation {
        long features = get(Request.GET_FEATURES);
        u64(Request.SET_PROTOCOL_FEATURES, get(Request.GET_PROTOCOL_FEATURES));
        return send(Request.SET_OWNER).u64(Request.SET_FEATURES, features);
    }

    ScriptedFrontEnd shareMemory() throws IOException {
        return share(SharedMemory.region());
    }

    /** Shares its memory as this region, true or not, in place of all that it has shared before. */
    ScriptedFrontEnd share(Region region) throws IOException {
        return send(Request.SET_MEM_TABLE, new MemoryTable(List.of(region)), memory.fd);
    }

    ScriptedFrontEnd addMemory() throws IOException {
        return send(Request.ADD_MEM_REG, new SingleRegion(SharedMemory.region()), memory.fd);
    }

    ScriptedFrontEnd startRing(int index) throws IOException {
        return vring(Request.SET_VRING_NUM, index, 256)
                .vring(Request.SET_VRING_BASE, index, 0)
                .send(Request.SET_VRING_ADDR, SharedMemory.ring(index))
                .u64(Request.SET_VRING_KICK, index, kick.fd())
                .u64(Request.SET_VRING_CALL, index, call.fd());
    }

    /** Everything up to two running, enabled rings; returns when the back-end has done it all. */
    ScriptedFrontEnd start() throws IOException, ProtocolViolation {
        negotiate().shareMemory().startRing(0).startRing(1);
        vring(Request.SET_VRING_ENABLE, 0, 1);
        assertThat(acknowledged(Request.SET_VRING_ENABLE, new VringState(1, 1))).isZero();
        return this;
    }

    @Override
    public void close() {
        socket.close();
        memory.close();
        kick.close();
        call.close();
    }

    /** The features of {@link FakeDevice} as it offers them. */
    static long offeredFeatures() {
        return FakeDevice.FEATURES | Features.PROTOCOL_FEATURES;
    }
}

package io.ringfence.vhostuser.frontend;

import io.ringfence.vhostuser.event.EventFd;
import io.ringfence.vhostuser.linux.SocketFile;
import io.ringfence.vhostuser.linux.UnixSocket;
import io.ringfence.vhostuser.protocol.Features;
import io.ringfence.vhostuser.protocol.Payload;
import io.ringfence.vhostuser.protocol.Payload.U64;
import io.ringfence.vhostuser.protocol.Payload.VringState;
import io.ringfence.vhostuser.protocol.ProtocolFeatures;
import io.ringfence.vhostuser.protocol.Request;
import io.ringfence.vhostuser.virtqueue.QueueSetup;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The front-end of one vhost-user session: blocking and plain, one request after the other.
 *
 * <p>One thread at a time. No call takes much longer than the time limit; each failure is an {@link IOException}.
 */
public final class FrontEnd implements AutoCloseable {
    private static final long NO_DESCRIPTOR = 1L << 8;
    private static final int DRIVER_OK_STATUS = 0xf; // ACKNOWLEDGE, DRIVER, DRIVER_OK, FEATURES_OK (2.1)
    private static final long RETRY_MILLIS = 10;

    private final RequestChannel channel;
    private long features;
    private long protocolFeatures;

    private FrontEnd(UnixSocket socket, Duration timeLimit) {
        channel = new RequestChannel(socket, timeLimit);
    }

    /** Connects to a back-end that listens, or that begins to listen within the time limit. */
    public static FrontEnd connect(Path socket, Duration timeLimit) throws IOException {
        Readiness wait = Readiness.within(timeLimit);
        while (true) {
            try {
                return new FrontEnd(UnixSocket.connect(socket), timeLimit);
            } catch (IOException e) {
                if (wait.expired()) {
                    throw e;
                }
                pause();
            }
        }
    }

    /** Waits for a back-end to connect to this socket. */
    public static FrontEnd accept(SocketFile listener, Duration timeLimit) throws IOException {
        Readiness wait = Readiness.within(timeLimit);
        UnixSocket socket = listener.accept();
        while (socket == null) {
            wait.await(listener.fd(), Readiness.READABLE, "connection of a back-end");
            socket = listener.accept();
        }
        return new FrontEnd(socket, timeLimit);
    }

    private static void pause() throws IOException {
        try {
            Thread.sleep(RETRY_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while waiting for a back-end to listen", e);
        }
    }

    /**
     * Takes what both sides know of these features and becomes the owner of the session.
     *
     * @param wantedFeatures virtio feature bits; VERSION_1 is always wanted
     * @param wantedProtocolFeatures vhost-user protocol feature bits
     * @throws IOException if the back-end does not offer VERSION_1
     */
    public void negotiate(long wantedFeatures, long wantedProtocolFeatures) throws IOException {
        long offered = query(Request.GET_FEATURES);
        if ((offered & Features.VERSION_1) == 0) {
            throw new IOException("back-end offers features 0x%x without VERSION_1".formatted(offered));
        }
        features = offered & (wantedFeatures | Features.VERSION_1 | Features.PROTOCOL_FEATURES);
        if ((features & Features.PROTOCOL_FEATURES) != 0) {
            protocolFeatures = query(Request.GET_PROTOCOL_FEATURES) & wantedProtocolFeatures;
            tell(Request.SET_PROTOCOL_FEATURES, new U64(protocolFeatures));
            if (negotiated(ProtocolFeatures.REPLY_ACK)) {
                channel.expectAcknowledgements();
            }
        }
        tell(Request.SET_OWNER, Payload.NONE);
        tell(Request.SET_FEATURES, new U64(features));
    }

    /** The negotiated virtio features. */
    public long features() {
        return features;
    }

    /** The negotiated protocol features. */
    public long protocolFeatures() {
        return protocolFeatures;
    }

    private boolean negotiated(long protocolFeature) {
        return (protocolFeatures & protocolFeature) != 0;
    }

    /** How many queue pairs the back-end has; 1 if it cannot say. */
    public int maxQueuePairs() throws IOException {
        return negotiated(ProtocolFeatures.MQ) ? (int) query(Request.GET_QUEUE_NUM) : 1;
    }

    /** Shares the whole memory as one region: by itself if the back-end has memory slots, else as a table. */
    public void shareMemory(SharedMemory memory) throws IOException {
        Payload.Region region =
                new Payload.Region(memory.guestAddress(0), memory.lengthBytes(), memory.userAddress(0), 0);
        if (negotiated(ProtocolFeatures.CONFIGURE_MEM_SLOTS)) {
            tell(Request.ADD_MEM_REG, new Payload.SingleRegion(region), memory.fd());
        } else {
            tell(Request.SET_MEM_TABLE, new Payload.MemoryTable(List.of(region)), memory.fd());
        }
    }

    /** Describes a queue to the back-end and starts it, enabled if the set-up says so. */
    public void start(QueueSetup queue) throws IOException {
        int index = queue.index();
        tell(Request.SET_VRING_NUM, new VringState(index, queue.sizeEntries()));
        tell(Request.SET_VRING_BASE, new VringState(index, queue.base()));
        tell(
                Request.SET_VRING_ADDR,
                new Payload.VringAddress(
                        index, 0, queue.descriptorsAddress(), queue.usedAddress(), queue.availableAddress(), 0));
        tellDescriptor(Request.SET_VRING_ERR, index, queue.error());
        tellDescriptor(Request.SET_VRING_CALL, index, queue.call());
        tellDescriptor(Request.SET_VRING_KICK, index, queue.kick());
        if ((features & Features.PROTOCOL_FEATURES) != 0) {
            enable(index, queue.enabled());
        }
    }

    /** Enables or disables a queue; a disabled transmit queue is emptied, its frames dropped. */
    public void enable(int index, boolean enabled) throws IOException {
        tell(Request.SET_VRING_ENABLE, new VringState(index, enabled ? 1 : 0));
    }

    /** Tells the back-end that the driver is ready, if it wants to know (STATUS), and waits until it has read all. */
    public void ready() throws IOException {
        if (negotiated(ProtocolFeatures.STATUS)) {
            tell(Request.SET_STATUS, new U64(DRIVER_OK_STATUS));
        }
        query(Request.GET_FEATURES);
    }

    /**
     * Stops a queue; the back-end touches it no more when this returns.
     *
     * @return the first chain that the back-end has not taken, in the form of {@link QueueSetup#base}
     */
    public int stop(int index) throws IOException {
        Payload reply = request(Request.GET_VRING_BASE, new VringState(index, 0));
        if (reply instanceof VringState state && state.index() == index) {
            return state.number();
        }
        throw new IOException("GET_VRING_BASE of queue %d was answered with %s".formatted(index, reply));
    }

    /** Asks for one number. */
    public long query(Request request) throws IOException {
        return request(request, Payload.NONE) instanceof U64 answer ? answer.value() : 0;
    }

    /** Sends a request that needs no answer but an acknowledgement, which is waited for if it was negotiated. */
    public void tell(Request request, Payload payload, int... descriptors) throws IOException {
        request(request, payload, descriptors);
    }

    private Payload request(Request request, Payload payload, int... descriptors) throws IOException {
        return channel.exchange(request, payload, descriptors);
    }

    private void tellDescriptor(Request request, int index, @Nullable EventFd event) throws IOException {
        if (event == null) {
            tell(request, new U64(index | NO_DESCRIPTOR));
        } else {
            tell(request, new U64(index), event.fd());
        }
    }

    /** Whether the back-end has closed the session. */
    public boolean peerClosed() {
        return channel.peerClosed();
    }

    /** Closes the session, as a front-end that dies would; queues are not stopped before. */
    @Override
    public void close() {
        channel.close();
    }
}

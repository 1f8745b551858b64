package io.ringfence.vhostuser.frontend;

import io.ringfence.vhostuser.event.EventFd;
import io.ringfence.vhostuser.event.EventSet;
import io.ringfence.vhostuser.linux.SocketFile;
import io.ringfence.vhostuser.virtqueue.QueueSetup;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A guest without a virtual machine: memory, queues and a session, ready to send and receive.
 *
 * <p>One thread attaches and detaches; each queue has one owner thread. Memory and queues outlive sessions, as those of
 * a real guest do: after {@link #attach} traffic goes on where the last back-end left it.
 */
public final class EmbeddedGuest implements AutoCloseable {
    private static final int HUGE_PAGE_LENGTH_BYTES = 2 << 20;

    private final GuestOptions options;
    private final Path socket;
    private final @Nullable SocketFile listener;
    private final EventSet calls;
    private final List<ReceiveQueue> receive = new ArrayList<>();
    private final List<TransmitQueue> transmit = new ArrayList<>();
    private final SharedMemory memory;
    private long features;
    private @Nullable FrontEnd session;

    private EmbeddedGuest(GuestOptions options, Path socket, @Nullable SocketFile listener) {
        this.options = options;
        this.socket = socket;
        this.listener = listener;
        memory = SharedMemory.create(memoryLengthBytes(options));
        memory.touch();
        try {
            calls = EventSet.create();
        } catch (RuntimeException | Error e) {
            memory.close();
            throw e;
        }
    }

    private static long memoryLengthBytes(GuestOptions options) {
        long perPair =
                options.receive().memoryLengthBytes() + options.transmit().memoryLengthBytes();
        long needed = options.queuePairs() * (perPair + (1 << 17));
        return (needed / HUGE_PAGE_LENGTH_BYTES + 1) * HUGE_PAGE_LENGTH_BYTES;
    }

    /** Creates a guest and attaches it to a back-end that listens on this socket. */
    public static EmbeddedGuest connect(Path socket, GuestOptions options) throws IOException {
        return attached(new EmbeddedGuest(options, socket, null));
    }

    /** Creates a guest that listens on this socket itself, as QEMU can, and attaches it to the back-end that connects. */
    public static EmbeddedGuest listen(Path socket, GuestOptions options) throws IOException {
        SocketFile listener = SocketFile.listen(socket);
        EmbeddedGuest guest;
        try {
            guest = new EmbeddedGuest(options, socket, listener);
        } catch (RuntimeException | Error e) {
            listener.close();
            throw e;
        }
        return attached(guest);
    }

    private static EmbeddedGuest attached(EmbeddedGuest guest) throws IOException {
        try {
            guest.attach();
            return guest;
        } catch (IOException | RuntimeException | Error e) {
            guest.close();
            throw e;
        }
    }

    /**
     * Opens a session, in place of the last one, and starts all queues there.
     *
     * @throws IOException if no back-end can be reached, it refuses something, or it lacks features that the queues
     *     were laid out with
     */
    public void attach() throws IOException {
        closeSession();
        FrontEnd opened = listener == null
                ? FrontEnd.connect(socket, options.timeLimit())
                : FrontEnd.accept(listener, options.timeLimit());
        session = opened;
        opened.negotiate(options.features(), options.protocolFeatures());
        if (options.queuePairs() > opened.maxQueuePairs()) {
            throw new IOException("back-end has %d queue pairs, expected %d: configure fewer or negotiate MQ"
                    .formatted(opened.maxQueuePairs(), options.queuePairs()));
        }
        if (receive.isEmpty()) {
            features = opened.features();
            createQueues();
        } else if (opened.features() != features) {
            throw new IOException("back-end offers features 0x%x, but the guest runs with 0x%x: it must be rebooted"
                    .formatted(opened.features(), features));
        }
        opened.shareMemory(memory);
        for (QueueSetup queue : setups()) {
            opened.start(queue);
        }
        opened.ready();
    }

    private void createQueues() {
        for (int pair = 0; pair < options.queuePairs(); pair++) {
            ReceiveQueue queue = new ReceiveQueue(memory, options.receive(), features);
            receive.add(queue);
            transmit.add(new TransmitQueue(memory, options.transmit(), features));
            EventFd call = queue.rings().call();
            if (call != null) {
                calls.add(call);
            }
            queue.startPosting();
        }
    }

    /** What a session says of the queues: even indexes receive, odd ones transmit. */
    public List<QueueSetup> setups() {
        List<QueueSetup> setups = new ArrayList<>();
        for (int pair = 0; pair < receive.size(); pair++) {
            setups.add(receive.get(pair).rings().setup(2 * pair));
            setups.add(transmit.get(pair).rings().setup(2 * pair + 1));
        }
        return setups;
    }

    /**
     * Stops all queues, then closes the session: the back-end touches the memory no more.
     *
     * @throws DeviceFaultException if a queue was stopped with chains taken and not given back, which are lost
     */
    public void detach() throws IOException {
        for (QueueSetup queue : setups()) {
            int stoppedAt = session().stop(queue.index());
            int used = rings(queue.index()).base();
            if (stoppedAt != used) {
                throw new DeviceFaultException("queue %d was stopped at 0x%04x, but chains are used up to 0x%04x"
                        .formatted(queue.index(), stoppedAt, used));
            }
        }
        closeSession();
    }

    private DriverQueue rings(int index) {
        int pair = index / 2;
        return index % 2 == 0 ? receive.get(pair).rings() : transmit.get(pair).rings();
    }

    private void closeSession() {
        FrontEnd open = session;
        if (open != null) {
            session = null;
            open.close();
        }
    }

    /** The open session, for requests beyond the usual. */
    public FrontEnd session() {
        FrontEnd open = session;
        if (open == null) {
            throw new IllegalStateException("the guest is detached: attach it first");
        }
        return open;
    }

    /** The negotiated virtio features. */
    public long features() {
        return features;
    }

    /** The guest's memory. */
    public SharedMemory memory() {
        return memory;
    }

    /** Receive queue of a pair. */
    public ReceiveQueue receive(int pair) {
        return receive.get(pair);
    }

    /** Transmit queue of a pair. */
    public TransmitQueue transmit(int pair) {
        return transmit.get(pair);
    }

    /**
     * Waits until a receive queue has frames or the time is over; for the thread that owns all receive queues.
     *
     * @param timeoutMillis -1 to wait without end
     * @return whether it is worth polling the queues
     */
    public boolean awaitFrames(int timeoutMillis) {
        boolean ready = false;
        for (ReceiveQueue queue : receive) {
            ready |= queue.rings().arm();
        }
        if (!ready) {
            ready = calls.await(timeoutMillis) > 0;
        }
        for (ReceiveQueue queue : receive) {
            queue.rings().disarm();
        }
        return ready;
    }

    /** Ends the session without stopping the queues first, and frees everything. */
    @Override
    public void close() {
        closeSession();
        if (listener != null) {
            listener.close();
        }
        calls.close();
        receive.forEach(ReceiveQueue::close);
        transmit.forEach(TransmitQueue::close);
        memory.close();
    }
}

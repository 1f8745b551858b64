package io.ringfence.vhostuser.frontend;

import io.ringfence.vhostuser.event.EventFd;
import io.ringfence.vhostuser.protocol.Features;
import io.ringfence.vhostuser.virtqueue.QueueSetup;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * The driver side of one virtqueue (VIRTIO 1.3, sections 2.6 to 2.8): it makes chains available, takes used ones back,
 * and suppresses notifications both ways.
 *
 * <p>Owned by one thread. It allocates nothing after its creation.
 */
public abstract sealed class DriverQueue implements AutoCloseable permits SplitDriverQueue, PackedDriverQueue {
    static final int CACHE_LINE_LENGTH = 64;

    final SharedMemory memory;
    final MemorySegment segment;
    final int sizeEntries;
    final boolean eventIndex;
    final EventFd kick;
    private final @Nullable EventFd call;

    DriverQueue(SharedMemory memory, QueueOptions options, long features, EventFd kick, @Nullable EventFd call) {
        if (options.indirect() && (features & Features.INDIRECT_DESC) == 0) {
            throw new IllegalArgumentException(
                    "indirect tables wanted, but features 0x%x lack INDIRECT_DESC: negotiate it or use chains"
                            .formatted(features));
        }
        this.memory = memory;
        segment = memory.segment();
        sizeEntries = options.sizeEntries();
        eventIndex = (features & Features.EVENT_IDX) != 0;
        this.kick = kick;
        this.call = call;
    }

    /**
     * Allocates and initialises the rings; the device does not call until {@link #arm}.
     *
     * @param features the negotiated virtio features; RING_PACKED decides what kind of queue it is
     */
    static DriverQueue create(SharedMemory memory, QueueOptions options, long features) {
        EventFd kick = EventFd.create();
        EventFd call = null;
        try {
            call = options.polled() ? null : EventFd.create();
            return (features & Features.RING_PACKED) != 0
                    ? new PackedDriverQueue(memory, options, features, kick, call)
                    : new SplitDriverQueue(memory, options, features, kick, call);
        } catch (RuntimeException | Error e) {
            kick.close();
            if (call != null) {
                call.close();
            }
            throw e;
        }
    }

    /** Allocates the buffers of this queue, with what describes them; once. */
    abstract BufferSlots slots(QueueOptions options, long features, boolean writable);

    /** Puts a chain into the ring; the device sees it after the next {@link #publish}. */
    abstract void post(int head);

    /** Shows the device what was posted since the last time, and kicks it if it asked for that. */
    abstract void publish();

    /** How many chains the device has used and {@link #take} has not taken yet. */
    abstract int pending();

    /** Head (low half) and written length (high half) of the next used chain; {@link #pending} must have counted it. */
    abstract long usedEntry();

    /** Where the next used chain is, and how far the device and the driver are, in words. */
    abstract String place();

    /** Goes on to the next used chain. */
    abstract void take();

    /** Chains that the device has, or has given back without {@link #take} having taken them. */
    abstract int inFlight();

    /**
     * Where the device is to go on in a new session, as nothing after it was used; in the form of {@link
     * QueueSetup#base}. Also for another thread than the queue's, when device and driver are quiet.
     */
    public abstract int base();

    /**
     * Asks to be called at the next used chain.
     *
     * @return true if one came meanwhile: look again instead of waiting
     */
    public abstract boolean arm();

    /** Asks not to be called; the device may still do so. */
    public abstract void disarm();

    /**
     * What a session tells the device about this queue: it starts at the first chain that was not used yet.
     *
     * @param index its queue index
     */
    public abstract QueueSetup setup(int index);

    final QueueSetup setup(int index, long descriptors, long driverArea, long deviceArea) {
        return new QueueSetup(
                index,
                sizeEntries,
                memory.userAddress(descriptors),
                memory.userAddress(driverArea),
                memory.userAddress(deviceArea),
                base(),
                0,
                true,
                kick,
                call,
                null);
    }

    /** Signalled when the device may have to look. */
    public final EventFd kick() {
        return kick;
    }

    /** Signalled by the device when the driver asked for it; null if the queue is polled. */
    public final @Nullable EventFd call() {
        return call;
    }

    /** Closes the descriptors; the memory stays. */
    @Override
    public final void close() {
        kick.close();
        if (call != null) {
            call.close();
        }
    }
}

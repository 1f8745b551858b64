package io.ringfence.vhostuser.virtqueue;

import io.ringfence.vhostuser.event.EventFd;
import io.ringfence.vhostuser.memory.GuestMemory;
import io.ringfence.vhostuser.memory.MemoryProbe;
import io.ringfence.vhostuser.protocol.Features;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The device side of one virtqueue (VIRTIO 1.3, sections 2.6 to 2.8).
 *
 * <p>Owned by one thread at a time: ownership passes with the claim of the queue, whose hand-over orders all fields.
 * Buffers are taken and used strictly in order, which is what IN_ORDER asks for. The driver can change everything it
 * shares at any time, so that each value is read once into a local, and only the local is checked and used.
 *
 * <p>A round: {@link #available}, then for each chain {@link #peek}, {@link #stage} and {@link #commit}, at the end
 * {@link #publish} once. What is staged and not committed has not happened.
 *
 * <p>Two kinds and no more: a call of either is compiled into a look at which it is, and the code of both behind that.
 */
public abstract sealed class Virtqueue permits SplitVirtqueue, PackedVirtqueue {
    /** The chain was read. */
    public static final int READ = 0;
    /** The chain has more descriptors than were to be read; nothing is wrong with it so far. */
    public static final int TOO_LONG = 1;
    /** The driver broke a rule; the queue is stopped. */
    public static final int FAULTY = 2;

    final QueueSetup setup;
    final GuestMemory memory;
    final int sizeEntries;
    /** Descriptors of one chain: those of zero length have no pieces, and would cost time without end. */
    final int chainLimit;

    final boolean indirect;
    final boolean eventIndex;
    boolean armed = true;
    private final List<MemorySegment> parts = new ArrayList<>();

    @Nullable
    RingFault fault;

    Virtqueue(QueueSetup setup, GuestMemory memory, long features) {
        this.setup = setup;
        this.memory = memory;
        sizeEntries = setup.sizeEntries();
        chainLimit = Math.min(sizeEntries, BufferChain.MAX_PIECES);
        indirect = (features & Features.INDIRECT_DESC) != 0;
        eventIndex = (features & Features.EVENT_IDX) != 0;
    }

    /**
     * Translates the rings of a started queue; touches no mapped memory, so that an event loop may do it.
     *
     * @param features the negotiated virtio features; RING_PACKED decides what kind of queue it is
     * @throws IllegalArgumentException if its size or base are none that such a queue can have, a ring is misaligned or
     *     not wholly inside one shared region, or the front-end has truncated that region
     */
    public static Virtqueue of(QueueSetup setup, GuestMemory memory, long features) {
        return of(setup, memory, features, null);
    }

    /**
     * As {@link #of(QueueSetup, GuestMemory, long)}.
     *
     * @param redoLog what a packed queue is to keep in case the process dies, and to go on from; null if nothing
     */
    public static Virtqueue of(QueueSetup setup, GuestMemory memory, long features, @Nullable RedoLog redoLog) {
        return (features & Features.RING_PACKED) != 0
                ? new PackedVirtqueue(setup, memory, features, redoLog)
                : new SplitVirtqueue(setup, memory, features);
    }

    /** Translates a part of the queue, which must be aligned on both sides. */
    final MemorySegment part(String name, long userAddress, long lengthBytes, int alignment) {
        String what = "queue %d: %s".formatted(setup.index(), name);
        if ((userAddress & (alignment - 1)) != 0) {
            throw new IllegalArgumentException(
                    "%s at 0x%x is not aligned to %d bytes".formatted(what, userAddress, alignment));
        }
        try {
            MemorySegment segment = memory.translateUser(userAddress, lengthBytes);
            if ((segment.address() & (alignment - 1)) != 0) {
                throw new IllegalArgumentException("its region is mapped at an address that breaks its alignment");
            }
            parts.add(segment);
            return segment;
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(what + ": " + e.getMessage(), e);
        }
    }

    /** Whether an access to its rings would fault. For after a fault. */
    public final boolean ringsFault(MemoryProbe probe) {
        for (MemorySegment part : parts) {
            if (probe.faults(memory, part, 0, part.byteSize(), true)) {
                return true;
            }
        }
        return false;
    }

    /** What the front-end said about this queue. */
    public final QueueSetup setup() {
        return setup;
    }

    /** Why the queue was stopped, or null while it works. */
    public final @Nullable RingFault fault() {
        return fault;
    }

    /** Stops the queue: it has no buffers from now on, and the front-end is told by call and error descriptor. */
    public final void stop(RingFault reason) {
        if (fault == null) {
            fault = reason;
            call();
            EventFd error = setup.error();
            if (error != null) {
                error.signal();
            }
        }
    }

    final boolean faulty(RingFault reason) {
        stop(reason);
        return false;
    }

    /** A chain turns out to have more descriptors than this: faulty if no chain may. */
    final boolean tooLong(int limit) {
        return limit >= chainLimit && faulty(RingFault.DESCRIPTOR_LOOP);
    }

    /** Adds the buffer of a descriptor to a chain, all of which are to be for the device to write, or none; false if it is faulty. */
    final boolean append(BufferChain chain, long address, long length, int flags, boolean writable) {
        if (((flags & DescriptorLayout.DESCRIPTOR_F_WRITE) != 0) != writable) {
            return faulty(RingFault.DIRECTION);
        }
        RingFault wrong = chain.append(memory, address, length);
        return wrong == null || faulty(wrong);
    }

    /** Signals the call descriptor, if the front-end gave one. */
    public final void call() {
        EventFd call = setup.call();
        if (call != null) {
            call.signal();
        }
    }

    /**
     * Goes on where an earlier view of the same started queue stopped; both must be quiet.
     *
     * @throws IllegalArgumentException if that queue was of the other kind
     */
    public abstract void continueFrom(Virtqueue earlier);

    /** Number of the next chain to be taken: 16 bits, free-running; where it starts is up to the kind of queue. */
    public abstract int nextAvailable();

    /** Where the next chain is, in the form of GET_VRING_BASE and {@link QueueSetup#base}. */
    public abstract int base();

    /** The front-end knows {@link #base} from now on, and will say so when the queue is to go on. By its last owner. */
    public void handBack() {}

    /** Asks the driver how many chains it has made available; 0 once the queue is stopped. */
    public abstract int available();

    /**
     * Reads a chain that {@link #available} counted, without taking it.
     *
     * @param ahead 0 for the next chain, 1 for the one after
     * @param writable true for a receive queue: every buffer must be for the device to write, else to read
     * @return false if the driver broke a rule; the queue is then stopped
     */
    public final boolean peek(int ahead, boolean writable, BufferChain chain) {
        return peek(ahead, writable, chainLimit, chain) == READ;
    }

    /**
     * As {@link #peek(int, boolean, BufferChain)}, of a chain of this many descriptors at most: who reads another's may not have time
     * for all that a driver can make of it.
     *
     * @param descriptorLimit the most to read; but a chain of a single one is always read
     * @return {@link #READ}, {@link #TOO_LONG}, after which {@link BufferChain#descriptors} is one more than the limit, or {@link
     *     #FAULTY}
     */
    public final int peek(int ahead, boolean writable, int descriptorLimit, BufferChain chain) {
        if (read(ahead, writable, Math.min(descriptorLimit, chainLimit), chain)) {
            return READ;
        }
        return fault == null ? TOO_LONG : FAULTY;
    }

    /** Reads a chain; false if it has more descriptors than the limit, or is faulty, and the queue then stopped. */
    abstract boolean read(int ahead, boolean writable, int limit, BufferChain chain);

    /**
     * Reads ahead as many of the next chains as have one plain descriptor in the same region, without taking them.
     *
     * @param limit the most to read; {@link #available} must have counted them
     * @param writable as for {@link #peek}
     * @param minLength shortest buffer to accept
     * @return how many there are; the first chain of any other shape, or one that breaks a rule, ends the batch and is
     *     left to {@link #peek}
     */
    public abstract int peekPlain(int limit, boolean writable, int minLength, BufferBatch batch);

    /** Notes that the chain {@code ahead} of the next one is used; it counts once committed. */
    public abstract void stage(int ahead, int head, int writtenBytes);

    /** Notes that the next chains are used, which are those of the batch from {@code from} on. */
    public abstract void stage(BufferBatch batch, int from, int chains);

    /** Takes the next chains, which are staged. */
    public abstract void commit(int chains);

    /**
     * Shows the driver all chains committed since the last time.
     *
     * @return whether the driver wants to be called for them
     */
    public abstract boolean publish();

    /**
     * Asks to be kicked at the next chain beyond those that {@link #available} last counted.
     *
     * @return true if one came meanwhile: look again instead of waiting
     */
    public abstract boolean arm();

    /** Asks not to be kicked; a driver may still do so. */
    public abstract void disarm();
}

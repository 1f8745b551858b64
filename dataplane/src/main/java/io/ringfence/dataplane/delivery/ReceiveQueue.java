package io.ringfence.dataplane.delivery;

import io.ringfence.vhostuser.memory.GuestMemory;
import io.ringfence.vhostuser.memory.MemoryProbe;
import io.ringfence.vhostuser.virtqueue.BufferBatch;
import io.ringfence.vhostuser.virtqueue.BufferChain;
import io.ringfence.vhostuser.virtqueue.Virtqueue;

/** One enabled receive queue of a VM; whoever holds the VM's claim owns it. */
public final class ReceiveQueue {
    static final int NONE = -1;
    /** After a fault somebody else may be reading them, on his own time: not all that a guest can make of its buffers. */
    private static final int DESCRIPTORS_READ = 128;

    final Virtqueue virtqueue;
    final int headerLength;
    final boolean mergeable;
    /** What the guest takes: {@link io.ringfence.dataplane.offload.Offloads}. */
    final int offloads;
    /** Chains known to be available; counted again only when they are used up, to spare the guest's cache line. */
    int ready;
    /** The most chains that were ever found available. */
    private int mostReady;
    /** With so many chains available it has been waited for more in vain; {@link #NONE} if not. */
    int allGiven = NONE;
    /** Plain chains read ahead; those from {@link #aheadNext} on are the queue's next ones. */
    final BufferBatch ahead = new BufferBatch();

    int aheadNext;
    /** Whether frames were put in since the last publish. */
    boolean touched;
    /** Whether it has been noted that the queue is stopped. */
    boolean faultNoted;

    /**
     * @param headerLength bytes of the virtio-net header: 12, or 10 for a legacy driver
     * @param mergeable whether a frame may span several chains (MRG_RXBUF)
     * @param offloads what the guest takes: {@link io.ringfence.dataplane.offload.Offloads}
     */
    public ReceiveQueue(Virtqueue virtqueue, int headerLength, boolean mergeable, int offloads) {
        this.virtqueue = virtqueue;
        this.headerLength = headerLength;
        this.mergeable = mergeable;
        this.offloads = offloads;
        faultNoted = virtqueue.fault() != null; // goes on from an earlier state, where that was told
    }

    /** The queue itself. */
    public Virtqueue virtqueue() {
        return virtqueue;
    }

    /** Reads ahead if nothing is left of the last time; false if the next chain is not there or not a plain one. */
    boolean readAhead(int minLength) {
        if (aheadNext < ahead.count()) {
            return true;
        }
        if (ready == 0) {
            count();
        }
        aheadNext = 0;
        return virtqueue.peekPlain(ready, true, minLength, ahead) > 0;
    }

    private void count() {
        ready = virtqueue.available();
        mostReady = Math.max(mostReady, ready);
    }

    /**
     * Whether there are chains, and as many as there have ever been: the driver has taken in all that was used. With fewer, it is
     * its turn; it does not run, perhaps.
     */
    boolean hasAllOfDriver() {
        return ready > 0 && ready >= mostReady;
    }

    /** Takes the first chains that were read ahead, which hold as many bytes as was noted for each. */
    void useAhead(int chains) {
        virtqueue.stage(ahead, aheadNext, chains);
        virtqueue.commit(chains);
        aheadNext += chains;
        ready -= chains;
        touched |= chains > 0;
    }

    /** Whether fewer than so many chains are available; {@link #whyLacking} then tells more. */
    boolean lacks(int chains) {
        while (ready < chains) {
            int known = ready;
            count(); // of a packed queue: some more
            if (ready == 0) {
                aheadNext = ahead.count(); // stopped, perhaps
            }
            if (ready <= known) {
                return true;
            }
        }
        return false;
    }

    /** Whether it is known that all available chains together have less room than this. Reads them ahead as far as they are plain. */
    boolean lacksBytes(int lengthBytes) {
        if (!mergeable || aheadHolds(lengthBytes)) {
            return false;
        }
        if (aheadCount() < ready || aheadHolds(lengthBytes)) {
            return false;
        }
        count();
        return aheadCount() == ready && !aheadHolds(lengthBytes);
    }

    /** Reads ahead from the next chain on; how many there are. */
    private int aheadCount() {
        aheadNext = 0;
        return virtqueue.peekPlain(ready, true, headerLength, ahead);
    }

    private boolean aheadHolds(int lengthBytes) {
        int left = lengthBytes;
        for (int i = aheadNext; i < ahead.count() && left > 0; i++) {
            left -= ahead.length(i);
        }
        return left <= 0;
    }

    /** Why there are not enough chains: one of {@link Delivered}. */
    int whyLacking() {
        if (virtqueue.fault() != null) {
            return Delivered.ABSENT;
        }
        // The driver has given all the buffers it ever can, or will: waiting for more would be for nothing.
        boolean all = ready == virtqueue.setup().sizeEntries() || ready == allGiven;
        return all ? Delivered.NO_ROOM : Delivered.NO_BUFFERS;
    }

    /**
     * Reads the chain so many after the next one, unless it has more descriptors than the limit, as it says then; one of {@link
     * Delivered}.
     */
    int fetch(int position, int descriptorLimit, BufferChain chain) {
        if (lacks(position + 1)) {
            return whyLacking();
        }
        int i = aheadNext + position;
        if (i < ahead.count()) {
            chain.set(ahead, i);
        } else if (virtqueue.peek(position, true, descriptorLimit, chain) == Virtqueue.FAULTY) {
            ready = 0; // stopped: never looked at again
            aheadNext = ahead.count();
            return Delivered.ABSENT;
        }
        return Delivered.DONE;
    }

    /** Takes the next chains, whose used entries are staged. */
    void take(int chains) {
        virtqueue.commit(chains);
        aheadNext = Math.min(aheadNext + chains, ahead.count());
        ready -= chains;
        touched |= chains > 0;
    }

    /** Whether an access to its rings, or to the buffers read ahead last, would fault. For after a fault. */
    boolean lastFaults(GuestMemory memory, MemoryProbe probe) {
        return virtqueue.ringsFault(probe) || ahead.faults(memory, probe, aheadNext, true);
    }

    /** Whether an access to the buffers that the next frame would go to would fault, as far as these are few. For after a fault. */
    boolean nextFault(GuestMemory memory, MemoryProbe probe) {
        BufferChain chain = new BufferChain();
        int room = BufferChain.ACCESSED_BYTES;
        int descriptors = DESCRIPTORS_READ;
        try {
            int count = virtqueue.available();
            for (int i = 0; i < count && Math.min(room, descriptors) > 0 && !probe.usedUp(); i++) {
                if (virtqueue.peek(i, true, descriptors, chain) != Virtqueue.READ) {
                    return false;
                }
                descriptors -= chain.descriptors();
                // A native call, after which a fault of peek (an indirect table) has been thrown.
                if (chain.faults(memory, probe, true)) {
                    return true;
                }
                room -= chain.lengthBytes();
            }
            return false;
        } catch (InternalError unreadable) {
            return true;
        }
    }

    /** Shows the guest what was put in, and calls it if it wants that; under the claim, while the call descriptor lives. */
    void publish() {
        if (touched) {
            touched = false;
            if (virtqueue.publish()) {
                virtqueue.call();
            }
        }
    }
}

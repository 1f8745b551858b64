package io.ringfence.vhostuser.virtqueue;

import static io.ringfence.vhostuser.virtqueue.DescriptorLayout.DESCRIPTOR_F_NEXT;
import static io.ringfence.vhostuser.virtqueue.PackedDescriptors.flagsAt;
import static io.ringfence.vhostuser.virtqueue.PackedDescriptors.ownerAt;
import static io.ringfence.vhostuser.virtqueue.PackedLayout.*;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;

/**
 * The chains that the driver of a packed ring has made available (VIRTIO 1.3, section 2.8.13).
 *
 * <p>Where a chain starts and ends is found once and remembered: how far it reaches is then never asked of the driver again.
 * Nothing that the driver writes is ever used as an index. For the owner of the queue.
 */
final class PackedAvailable {
    /** The next chain goes on in descriptors that are not available, or is longer than any may be. */
    static final int BROKEN = -1;

    /** Descriptors that one call of {@link #look} looks at: a microsecond or two, however long the ring is. */
    private static final int LOOK_LIMIT = 1024;

    private final MemorySegment ring;
    private final int sizeEntries;
    private final int chainLimit;

    /** Position of each chain found and of the end of the last one, by number of the chain. */
    private final char[] starts;

    private final int startMask;

    private int next;
    private int position;
    private int foundChains;
    private int foundDescriptors;

    /** @param chainLimit descriptors of one chain */
    PackedAvailable(MemorySegment ring, int sizeEntries, int chainLimit, int position) {
        this.ring = ring;
        this.sizeEntries = sizeEntries;
        this.chainLimit = chainLimit;
        starts = new char[Integer.highestOneBit(sizeEntries) << 1]; // more than there can be chains
        startMask = starts.length - 1;
        goOnAt(position);
    }

    /** Goes on where an earlier view of the same ring is. */
    void continueFrom(PackedAvailable earlier) {
        next = earlier.next;
        foundChains = 0;
        foundDescriptors = 0;
        goOnAt(earlier.position);
    }

    /** Goes on elsewhere; only where no chain is found. */
    void goOnAt(int start) {
        position = start;
        starts[next & startMask] = (char) start;
    }

    /** Number of the next chain, 16 bits. */
    int next() {
        return next;
    }

    /** Where the next chain starts. */
    int position() {
        return position;
    }

    /** Where the last chain found ends. */
    int foundPosition() {
        return advance(position, foundDescriptors, sizeEntries);
    }

    /** Where the chain {@code ahead} of the next one starts, which has been found; or where the last one found ends. */
    int start(int ahead) {
        return starts[(next + ahead) & startMask];
    }

    /** Of the next chains, makes the entries of a redo log. */
    void entries(int[] heads, int[] written, int from, int chains, long[] entries) {
        char[] positions = starts; // see look
        int numberMask = positions.length - 1;
        int number = next;
        for (int i = 0; i < chains; i++) {
            entries[i] = RedoLog.entry(positions[(number + i) & numberMask], heads[from + i], written[from + i]);
        }
    }

    /**
     * Looks for more chains.
     *
     * @param withheld descriptors used and not shown to the driver, which has no business there, whatever it writes
     * @return how many are found and not taken, or {@link #BROKEN}
     */
    int look(int withheld) {
        // Locals, not fields: in the loop each would be loaded again, with the collector's barrier.
        MemorySegment descriptors = ring;
        char[] positions = starts;
        int numberMask = positions.length - 1; // so that the compiler knows the index to be in bounds
        int size = sizeEntries;
        int found = foundDescriptors;
        int limit = Math.min(size - withheld, found + LOOK_LIMIT);
        int at = advance(position, found, size);
        int slot = slot(at, size);
        int wanted = availableFlags(at, size);
        int number = next + foundChains;
        while (found < limit) {
            int flags = flagsAt(descriptors, slot);
            if ((flags & DESCRIPTOR_OWNER_MASK) != wanted) {
                break;
            }
            int length = 1;
            if ((flags & DESCRIPTOR_F_NEXT) != 0) {
                length = listLength(slot, wanted, Math.min(chainLimit, size - withheld - found));
                if (length < 0) {
                    if (found == 0) {
                        return BROKEN;
                    }
                    break; // the chains before it come first
                }
            }
            found += length;
            at += length;
            slot += length;
            if (slot >= size) {
                slot -= size;
                at = at < 2 * size ? at : at - 2 * size;
                wanted ^= DESCRIPTOR_OWNER_MASK;
            }
            number++;
            positions[number & numberMask] = (char) at;
        }
        // What is read of these descriptors is read after their flags: the driver wrote the flags last (2.8.13.1).
        VarHandle.acquireFence();
        foundDescriptors = found;
        foundChains = number - next;
        return foundChains;
    }

    /** How many descriptors a list has that starts here; -1 if it has more than the limit, or goes on in others than available ones. */
    private int listLength(int first, int firstWanted, int limit) {
        VarHandle.acquireFence(); // "MUST NOT make the first descriptor available before all subsequent" (2.8.15)
        int slot = first;
        int wanted = firstWanted;
        for (int length = 2; length <= limit; length++) {
            slot++;
            if (slot == sizeEntries) {
                slot = 0;
                wanted ^= DESCRIPTOR_OWNER_MASK;
            }
            int flags = flagsAt(ring, slot);
            if ((flags & DESCRIPTOR_OWNER_MASK) != wanted) {
                break;
            }
            if ((flags & DESCRIPTOR_F_NEXT) == 0) {
                return length;
            }
        }
        return -1;
    }

    /** Whether there is a descriptor behind those found. */
    boolean goesOn(int withheld) {
        int at = foundPosition();
        return foundDescriptors < sizeEntries - withheld
                && ownerAt(ring, slot(at, sizeEntries)) == availableFlags(at, sizeEntries);
    }

    /** Takes the next chains. */
    void take(int chains) {
        int after = start(chains);
        foundDescriptors -= distance(position, after, sizeEntries);
        foundChains -= chains;
        position = after;
        next = (next + chains) & 0xffff;
    }
}

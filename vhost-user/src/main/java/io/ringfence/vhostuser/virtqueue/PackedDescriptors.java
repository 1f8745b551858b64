package io.ringfence.vhostuser.virtqueue;

import static io.ringfence.vhostuser.virtqueue.DescriptorLayout.DESCRIPTOR_LENGTH;
import static io.ringfence.vhostuser.virtqueue.PackedLayout.*;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * How the descriptors of a packed ring are read and used (VIRTIO 1.3, section 2.8).
 *
 * <p>Static, with all it needs in arguments, so that a loop has it in registers.
 */
final class PackedDescriptors {
    static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private static final long LENGTH_MASK = 0xffff_ffffL;

    private PackedDescriptors() {}

    static long length(long lengthIdFlags) {
        return lengthIdFlags & LENGTH_MASK;
    }

    static int id(long lengthIdFlags) {
        return (int) (lengthIdFlags >>> 32) & 0xffff;
    }

    static int flags(long lengthIdFlags) {
        return (int) (lengthIdFlags >>> 48);
    }

    /** All flags of a descriptor. */
    static int flagsAt(MemorySegment ring, int slot) {
        return ring.get(SHORT, (long) DESCRIPTOR_LENGTH * slot + DESCRIPTOR_FLAGS_OFFSET);
    }

    /** The flags that say whose a descriptor is. */
    static int ownerAt(MemorySegment ring, int slot) {
        return flagsAt(ring, slot) & DESCRIPTOR_OWNER_MASK;
    }

    /**
     * Writes a used descriptor, in one store.
     *
     * @param flag what it says besides whose it is
     * @param entry as {@link RedoLog#entry} makes it
     */
    static void use(MemorySegment ring, int sizeEntries, int flag, long entry) {
        int at = RedoLog.positionOf(entry);
        long flags = usedFlags(at, sizeEntries) | flag;
        long offset = (long) DESCRIPTOR_LENGTH * slot(at, sizeEntries) + DESCRIPTOR_LENGTH_ID_FLAGS_OFFSET;
        ring.set(LONG, offset, flags << 48 | RedoLog.lengthAndId(entry));
    }

    /**
     * Whether a ring in which nothing is available at the beginning has been in use before: then it is new, or two full rounds are
     * over, and the last descriptor is of the second one, or not used yet.
     */
    static boolean wasInUse(MemorySegment ring, int sizeEntries) {
        int last = ownerAt(ring, sizeEntries - 1);
        VarHandle.acquireFence(); // if nothing is available at the beginning after that, the driver had not come full
        // circle then
        int first = ownerAt(ring, 0);
        boolean secondRound = (first & DESCRIPTOR_F_AVAILABLE) == 0
                && (last & DESCRIPTOR_F_AVAILABLE) != 0
                // Else a new one whose driver tells of a whole round at once.
                && ((first | last) & DESCRIPTOR_F_USED) != 0;
        return first == DESCRIPTOR_OWNER_MASK || secondRound;
    }
}

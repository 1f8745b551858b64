package io.ringfence.vhostuser.virtqueue;

/**
 * Where the fields of a packed virtqueue are (VIRTIO 1.3, section 2.8), and how positions in its ring are counted.
 *
 * <p>A <i>position</i> is a place of the ring together with a wrap counter: 0 to twice the queue size, less one. In the
 * first half the wrap counter is 1, as it is initially. Descriptors have the length and the flags of {@link DescriptorLayout}.
 */
public final class PackedLayout {
    /** Offset of length (4), buffer id (2) and flags (2) in a descriptor, read as one 64-bit value. */
    public static final int DESCRIPTOR_LENGTH_ID_FLAGS_OFFSET = 8;
    /** Offset of a descriptor's flags. */
    public static final int DESCRIPTOR_FLAGS_OFFSET = 14;

    /** Equals the driver's wrap counter once the descriptor is available. */
    public static final int DESCRIPTOR_F_AVAILABLE = 1 << 7;
    /** Equals the device's wrap counter once the descriptor is used; until then it is the opposite. */
    public static final int DESCRIPTOR_F_USED = 1 << 15;
    /** The two flags that say whose a descriptor is. */
    public static final int DESCRIPTOR_OWNER_MASK = DESCRIPTOR_F_AVAILABLE | DESCRIPTOR_F_USED;

    /** Length of an event suppression structure: offset and wrap counter (2), flags (2); read as one 32-bit value. */
    public static final int EVENT_LENGTH = 4;
    /** Where the flags are in that value. */
    public static final int EVENT_FLAGS_SHIFT = 16;
    /** Which bits of the flags count. */
    public static final int EVENT_FLAGS_MASK = 3;
    /** The other side wants every notification. */
    public static final int EVENT_ENABLE = 0;
    /** The other side wants no notification. */
    public static final int EVENT_DISABLE = 1;
    /** The other side wants a notification for the descriptor at offset and wrap counter (with EVENT_IDX only). */
    public static final int EVENT_DESCRIPTOR = 2;

    /** Most descriptors of a ring. */
    public static final int MAX_ENTRIES = 1 << 15;

    private static final int WRAP_BIT = 1 << 15;

    private PackedLayout() {}

    /** The place in the ring of a position. */
    public static int slot(int position, int sizeEntries) {
        return position < sizeEntries ? position : position - sizeEntries;
    }

    /** The position so many descriptors after another, at most the queue size. */
    public static int advance(int position, int descriptors, int sizeEntries) {
        int after = position + descriptors;
        return after < 2 * sizeEntries ? after : after - 2 * sizeEntries;
    }

    /** How many descriptors lie from one position to a later one. */
    public static int distance(int from, int to, int sizeEntries) {
        int difference = to - from;
        return difference < 0 ? difference + 2 * sizeEntries : difference;
    }

    /** The owner flags of a descriptor at this position that the driver has made available. */
    public static int availableFlags(int position, int sizeEntries) {
        return position < sizeEntries ? DESCRIPTOR_F_AVAILABLE : DESCRIPTOR_F_USED;
    }

    /** The owner flags of a descriptor at this position that the device has used. */
    public static int usedFlags(int position, int sizeEntries) {
        return position < sizeEntries ? DESCRIPTOR_OWNER_MASK : 0;
    }

    /** A position as place and wrap counter in 16 bits, as event suppression and half of a vring base have it. */
    public static int offsetAndWrap(int position, int sizeEntries) {
        return position < sizeEntries ? position | WRAP_BIT : position - sizeEntries;
    }

    /** The position of which the lower 16 bits are place and wrap counter; -1 if the ring has no such place. */
    public static int position(int offsetAndWrap, int sizeEntries) {
        int slot = offsetAndWrap & (WRAP_BIT - 1);
        if (slot >= sizeEntries) {
            return -1;
        }
        return (offsetAndWrap & WRAP_BIT) != 0 ? slot : slot + sizeEntries;
    }

    /** A position as vhost-user has it: the lower half is where to make available, the upper half where to use. */
    public static int base(int position, int sizeEntries) {
        int half = offsetAndWrap(position, sizeEntries);
        return half << 16 | half;
    }

    /**
     * Whether the other side is to be notified, which suppresses notifications as it says in {@code event}, of what
     * happened from one position to another (section 2.8.10).
     *
     * @param eventIndex whether EVENT_IDX is negotiated
     */
    public static boolean wantsEvent(int event, boolean eventIndex, int before, int after, int sizeEntries) {
        int flags = (event >>> EVENT_FLAGS_SHIFT) & EVENT_FLAGS_MASK;
        if (flags != EVENT_DESCRIPTOR || !eventIndex) {
            return flags != EVENT_DISABLE;
        }
        int position = position(event, sizeEntries);
        return position < 0 || distance(before, position, sizeEntries) < distance(before, after, sizeEntries);
    }
}

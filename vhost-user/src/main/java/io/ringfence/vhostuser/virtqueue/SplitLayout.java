package io.ringfence.vhostuser.virtqueue;

/**
 * Where the fields of a split virtqueue are (VIRTIO 1.3, section 2.7). Bytes unless a name says otherwise.
 *
 * <p>Descriptors have the length and the flags of {@link DescriptorLayout}.
 */
public final class SplitLayout {
    /** Offset of length, flags and next in a descriptor, read as one 64-bit value. */
    public static final int DESCRIPTOR_LENGTH_FLAGS_NEXT_OFFSET = 8;

    /** Offset of the available ring's flags. */
    public static final int AVAILABLE_FLAGS_OFFSET = 0;
    /** Offset of the available ring's index. */
    public static final int AVAILABLE_INDEX_OFFSET = 2;
    /** Offset of the available ring's first entry; entries have 2 bytes. */
    public static final int AVAILABLE_RING_OFFSET = 4;
    /** The driver wants no calls (without EVENT_IDX). */
    public static final int AVAILABLE_F_NO_INTERRUPT = 1;

    /** Offset of the used ring's flags. */
    public static final int USED_FLAGS_OFFSET = 0;
    /** Offset of the used ring's index. */
    public static final int USED_INDEX_OFFSET = 2;
    /** Offset of the used ring's first entry; an entry is id (4) and length (4). */
    public static final int USED_RING_OFFSET = 4;
    /** Length of a used entry. */
    public static final int USED_ENTRY_LENGTH = 8;
    /** The device wants no kicks (without EVENT_IDX). */
    public static final int USED_F_NO_NOTIFY = 1;

    private SplitLayout() {}

    /** Length of the available ring, with the used_event field at its end. */
    public static long availableLength(int sizeEntries) {
        return AVAILABLE_RING_OFFSET + 2L * sizeEntries + 2;
    }

    /** Length of the used ring, with the avail_event field at its end. */
    public static long usedLength(int sizeEntries) {
        return USED_RING_OFFSET + (long) USED_ENTRY_LENGTH * sizeEntries + 2;
    }

    /** Offset of used_event in the available ring: at which used index the driver wants to be called. */
    public static long usedEventOffset(int sizeEntries) {
        return AVAILABLE_RING_OFFSET + 2L * sizeEntries;
    }

    /** Offset of avail_event in the used ring: at which available index the device wants to be kicked. */
    public static long availableEventOffset(int sizeEntries) {
        return USED_RING_OFFSET + (long) USED_ENTRY_LENGTH * sizeEntries;
    }

    /**
     * Whether an index that moved from {@code before} to {@code after} crossed the event the other side asked for
     * (section 2.7.7.1); all are free-running 16-bit values.
     */
    public static boolean crossed(int event, int after, int before) {
        return ((after - event - 1) & 0xffff) < ((after - before) & 0xffff);
    }
}

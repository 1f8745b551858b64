package io.ringfence.vhostuser.virtqueue;

/** What the descriptors of split and packed virtqueues have in common (VIRTIO 1.3, sections 2.7.5 and 2.8). */
public final class DescriptorLayout {
    /** Length of one descriptor in bytes, which begins with the address (8) and the length (4) of its buffer. */
    public static final int DESCRIPTOR_LENGTH = 16;

    /** The chain goes on at the next field. */
    public static final int DESCRIPTOR_F_NEXT = 1;
    /** The buffer is for the device to write. */
    public static final int DESCRIPTOR_F_WRITE = 2;
    /** The buffer is a table of descriptors. */
    public static final int DESCRIPTOR_F_INDIRECT = 4;

    private DescriptorLayout() {}

    /** Length of a table or ring of descriptors in bytes. */
    public static long descriptorsLength(int sizeEntries) {
        return (long) DESCRIPTOR_LENGTH * sizeEntries;
    }
}

package io.ringfence.vhostuser.frontend;

/**
 * How an embedded guest lays out and drives one virtqueue.
 *
 * @param sizeEntries queue size: a power of two, or any number if the queue is packed
 * @param bufferLengthBytes length of each buffer, virtio-net header included
 * @param descriptorsPerBuffer how many descriptors a buffer is spread over; many make a frame dear for the device
 * @param indirect whether each buffer's descriptors are in a table of its own, so that {@code sizeEntries} buffers fit
 *     however many descriptors each has
 * @param polled whether the driver never wants to be called
 * @param base how many descriptors the queue has behind it, 0 unless a test wants its rings to wrap early
 */
public record QueueOptions(
        int sizeEntries, int bufferLengthBytes, int descriptorsPerBuffer, boolean indirect, boolean polled, int base) {
    /** Length of the virtio-net header before each frame (VIRTIO 1.3, section 5.1.6, with VERSION_1). */
    public static final int HEADER_LENGTH = 12;

    private static final int DEFAULT_BUFFER_LENGTH_BYTES = 2048;

    /** Refuses numbers that no queue can have. */
    public QueueOptions {
        if (sizeEntries <= 0 || sizeEntries > 32768) {
            throw new IllegalArgumentException("size=%d: expected 1 to 32768".formatted(sizeEntries));
        }
        if (bufferLengthBytes < HEADER_LENGTH) {
            throw new IllegalArgumentException("bufferLength=%d: expected at least the %d bytes of the header"
                    .formatted(bufferLengthBytes, HEADER_LENGTH));
        }
        if (descriptorsPerBuffer < 1 || descriptorsPerBuffer > Math.min(sizeEntries, bufferLengthBytes)) {
            throw new IllegalArgumentException(
                    "descriptorsPerBuffer=%d: expected 1 to the queue size %d and the %d bytes"
                            .formatted(descriptorsPerBuffer, sizeEntries, bufferLengthBytes));
        }
        if (base < 0 || base > 0xffff) {
            throw new IllegalArgumentException("base=%d: expected a 16-bit index".formatted(base));
        }
    }

    /** A called queue of direct buffers of 2048 bytes. */
    public static QueueOptions ofSize(int sizeEntries) {
        return new QueueOptions(sizeEntries, DEFAULT_BUFFER_LENGTH_BYTES, 1, false, false, 0);
    }

    /** The same with buffers of another length. */
    public QueueOptions withBufferLength(int lengthBytes) {
        return new QueueOptions(sizeEntries, lengthBytes, descriptorsPerBuffer, indirect, polled, base);
    }

    /** The same with each buffer spread over this many descriptors of the queue's own table. */
    public QueueOptions withChains(int descriptors) {
        return new QueueOptions(sizeEntries, bufferLengthBytes, descriptors, false, polled, base);
    }

    /** The same with each buffer spread over this many descriptors of an indirect table. */
    public QueueOptions withIndirectTables(int descriptors) {
        return new QueueOptions(sizeEntries, bufferLengthBytes, descriptors, true, polled, base);
    }

    /** The same, never called. */
    public QueueOptions withPolling() {
        return new QueueOptions(sizeEntries, bufferLengthBytes, descriptorsPerBuffer, indirect, true, base);
    }

    /** The same with rings that start at this index. */
    public QueueOptions withBase(int index) {
        return new QueueOptions(sizeEntries, bufferLengthBytes, descriptorsPerBuffer, indirect, polled, index);
    }

    /** How many buffers the queue holds at once. */
    public int buffers() {
        return indirect ? sizeEntries : sizeEntries / descriptorsPerBuffer;
    }

    /** Memory that rings, tables and buffers of such a queue need, rounded up. */
    public long memoryLengthBytes() {
        long tables = indirect ? 16L * descriptorsPerBuffer : 0;
        return 26L * sizeEntries + 1024 + buffers() * (tables + BufferSlots.strideBytes(bufferLengthBytes));
    }
}

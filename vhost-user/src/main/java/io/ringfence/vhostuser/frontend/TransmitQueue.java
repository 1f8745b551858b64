package io.ringfence.vhostuser.frontend;

import io.ringfence.vhostuser.protocol.Features;

/**
 * A queue on which an embedded guest transmits: each frame is written in place into guest memory.
 *
 * <p>A round: {@link #claim}, write the frame, {@link #commit}, and so on; at the end {@link #flush} once. Owned by one
 * thread; allocates nothing after its creation.
 */
public final class TransmitQueue implements AutoCloseable {
    private static final int NONE = -1;

    private final DriverQueue queue;
    private final BufferSlots slots;
    private final int frameCapacityBytes;
    private final boolean inOrder;
    private final int[] free;
    private int freeCount;
    private int nextSlot;
    private int claimedSlot = NONE;
    private int claimedLengthBytes;

    /** Lays the queue out in this memory, for a device with which these virtio features are negotiated. */
    public TransmitQueue(SharedMemory memory, QueueOptions options, long features) {
        queue = DriverQueue.create(memory, options, features);
        try {
            slots = queue.slots(options, features, false);
        } catch (RuntimeException | Error e) {
            queue.close();
            throw e;
        }
        frameCapacityBytes = options.bufferLengthBytes() - QueueOptions.HEADER_LENGTH;
        inOrder = (features & Features.IN_ORDER) != 0;
        free = new int[slots.count()];
        freeCount = slots.count();
        for (int i = 0; i < freeCount; i++) {
            free[i] = freeCount - 1 - i;
        }
    }

    /** The rings behind this queue. */
    public DriverQueue rings() {
        return queue;
    }

    /**
     * Chooses the buffer for the next frame.
     *
     * @return the offset in the guest's memory at which the frame is to be written; the {@link
     *     QueueOptions#HEADER_LENGTH} bytes before it are its virtio-net header, zero unless the caller changed them. -1
     *     if the device holds all buffers
     */
    public long claim(int frameLengthBytes) {
        if (frameLengthBytes < 0 || frameLengthBytes > frameCapacityBytes) {
            throw new IllegalArgumentException(
                    "frame of %d bytes: the buffers hold up to %d".formatted(frameLengthBytes, frameCapacityBytes));
        }
        if (freeCount == 0 && reclaim() == 0) {
            return NONE;
        }
        // IN_ORDER: "the driver uses descriptors in ring order" (2.7.9). Else the last one used is the warmest.
        int slot = inOrder ? nextSlot : free[freeCount - 1];
        claimedSlot = slot;
        claimedLengthBytes = frameLengthBytes;
        return slots.offset(slot) + QueueOptions.HEADER_LENGTH;
    }

    /** Puts the claimed frame in the available ring; the device sees it after {@link #flush}. */
    public void commit() {
        int slot = claimedSlot;
        if (slot == NONE) {
            throw new IllegalStateException("commit without a claim: call claim first, once for each frame");
        }
        claimedSlot = NONE;
        freeCount--;
        nextSlot = slots.following(slot);
        slots.describe(slot, QueueOptions.HEADER_LENGTH + claimedLengthBytes);
        queue.post(slots.lend(slot));
    }

    /** Makes all committed frames available and kicks the device if it wants that. */
    public void flush() {
        queue.publish();
    }

    /**
     * Takes back the buffers of frames that the device has read; {@link #claim} does it when it has none left.
     *
     * @return how many
     * @throws DeviceFaultException if the device named a chain that it does not have, or broke the order
     */
    public int reclaim() {
        int count = queue.pending();
        for (int i = 0; i < count; i++) {
            int slot = slots.named(queue);
            slots.giveBack(slot);
            queue.take();
            free[freeCount++] = slot;
        }
        return count;
    }

    /** Frames that the device has not given back yet, committed ones included. */
    public int inFlight() {
        return free.length - freeCount;
    }

    @Override
    public void close() {
        queue.close();
    }
}

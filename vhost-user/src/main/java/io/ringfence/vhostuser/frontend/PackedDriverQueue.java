package io.ringfence.vhostuser.frontend;

import static io.ringfence.vhostuser.virtqueue.DescriptorLayout.*;
import static io.ringfence.vhostuser.virtqueue.PackedLayout.*;

import io.ringfence.vhostuser.event.EventFd;
import io.ringfence.vhostuser.protocol.Features;
import io.ringfence.vhostuser.virtqueue.PackedLayout;
import io.ringfence.vhostuser.virtqueue.QueueSetup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/** The driver side of one packed virtqueue (VIRTIO 1.3, section 2.8). */
final class PackedDriverQueue extends DriverQueue {
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final long ring;
    private final long driverEvent;
    private final long deviceEvent;
    private final boolean inOrder;
    private @Nullable PackedBufferSlots slots;

    /** Descriptors of the chain with this id, when the device has it; else 0. */
    private final int[] descriptors;
    /** Ids in the order in which they were posted, and used entries in the order in which they were found. */
    private final int[] posted;

    private final long[] used;
    private final int mask;

    private int nextPosition;
    private int publishedPosition;
    private long unpublishedEntry;
    private int usedPosition;

    private int postedChains;
    private int publishedChains;
    private int foundChains;
    private int takenChains;
    private boolean armed;

    PackedDriverQueue(SharedMemory memory, QueueOptions options, long features, EventFd kick, @Nullable EventFd call) {
        super(memory, options, features, kick, call);
        inOrder = (features & Features.IN_ORDER) != 0;
        ring = memory.allocate(descriptorsLength(sizeEntries), CACHE_LINE_LENGTH);
        driverEvent = memory.allocate(EVENT_LENGTH, CACHE_LINE_LENGTH);
        deviceEvent = memory.allocate(EVENT_LENGTH, CACHE_LINE_LENGTH);
        descriptors = new int[options.buffers()];
        mask = (Integer.highestOneBit(sizeEntries) << 1) - 1;
        posted = new int[mask + 1];
        used = new long[mask + 1];
        nextPosition = options.base() % (2 * sizeEntries);
        publishedPosition = nextPosition;
        usedPosition = nextPosition;
        suppressCalls();
    }

    @Override
    BufferSlots slots(QueueOptions options, long features, boolean writable) {
        PackedBufferSlots created = new PackedBufferSlots(memory, options, features, writable);
        slots = created;
        return created;
    }

    private PackedBufferSlots slots() {
        PackedBufferSlots created = slots;
        if (created == null) {
            throw new IllegalStateException("the queue has no buffers yet");
        }
        return created;
    }

    @Override
    void post(int id) {
        PackedBufferSlots buffers = slots();
        int count = buffers.descriptors(id);
        int at = nextPosition;
        for (int i = 0; i < count; i++) {
            long flags = buffers.flags() | availableFlags(at, sizeEntries) | (i < count - 1 ? DESCRIPTOR_F_NEXT : 0);
            long entry = flags << 48 | (long) id << 32 | buffers.length(id, i);
            segment.set(LONG, descriptor(at), buffers.address(id, i));
            if (at == publishedPosition && postedChains == publishedChains) {
                unpublishedEntry = entry; // as long as it is not written, the device sees none after it either
            } else {
                segment.set(LONG, descriptor(at) + DESCRIPTOR_LENGTH_ID_FLAGS_OFFSET, entry);
            }
            at = advance(at, 1, sizeEntries);
        }
        nextPosition = at;
        descriptors[id] = count;
        posted[postedChains++ & mask] = id;
    }

    @Override
    void publish() {
        if (postedChains == publishedChains) {
            return;
        }
        int before = publishedPosition;
        // "A suitable memory barrier before the flags update" (2.8.15.2).
        VarHandle.releaseFence();
        segment.set(LONG, descriptor(before) + DESCRIPTOR_LENGTH_ID_FLAGS_OFFSET, unpublishedEntry);
        publishedPosition = nextPosition;
        publishedChains = postedChains;
        // "A suitable memory barrier before reading the Event Suppression structure" (2.8.15.4).
        VarHandle.fullFence();
        if (wantsEvent(segment.get(INT, deviceEvent), eventIndex, before, nextPosition, sizeEntries)) {
            kick.signal();
        }
    }

    @Override
    int pending() {
        while (foundChains != publishedChains && isUsed(usedPosition)) {
            long entry = entry(usedPosition);
            int first = foundChains;
            int count = chains(entry, first);
            for (int i = 0; i < count; i++) {
                // With IN_ORDER one descriptor may stand for many: "the skipped buffers are assumed to have been used
                // completely" (2.8.9).
                int id = inOrder ? posted[(first + i) & mask] : id(entry);
                long length = i == count - 1 ? entry & 0xffff_ffffL : slots().lengthBytes(id);
                used[foundChains++ & mask] = length << 32 | id;
                usedPosition = advance(usedPosition, descriptors[id], sizeEntries);
                descriptors[id] = 0;
            }
        }
        return foundChains - takenChains;
    }

    private boolean isUsed(int at) {
        int flags = segment.get(SHORT, descriptor(at) + DESCRIPTOR_FLAGS_OFFSET);
        VarHandle.acquireFence();
        return (flags & DESCRIPTOR_OWNER_MASK) == usedFlags(at, sizeEntries);
    }

    private long entry(int at) {
        return segment.get(LONG, descriptor(at) + DESCRIPTOR_LENGTH_ID_FLAGS_OFFSET);
    }

    /** For how many chains this used descriptor stands, the first of which was posted as this one. */
    private int chains(long entry, int first) {
        int id = id(entry);
        if (id >= descriptors.length) {
            throw new DeviceFaultException(
                    "used id %d is no buffer; ids are 0 to %d".formatted(id, descriptors.length - 1));
        }
        if (!inOrder) {
            if (descriptors[id] == 0) {
                throw unknown(id);
            }
            return 1;
        }
        for (int i = first; i != publishedChains; i++) {
            if (posted[i & mask] == id) {
                return i - first + 1;
            }
        }
        throw unknown(id);
    }

    private DeviceFaultException unknown(int id) {
        return new DeviceFaultException(
                "used id %d names a chain that the device does not have: %s; next in the order of posting is id %d"
                        .formatted(id, place(), posted[foundChains & mask]));
    }

    @Override
    long usedEntry() {
        return used[takenChains & mask];
    }

    @Override
    String place() {
        return "chain %d of %d that were found used up to descriptor %d; %d are made available"
                .formatted(takenChains, foundChains, usedPosition, publishedChains);
    }

    @Override
    void take() {
        takenChains++;
    }

    @Override
    int inFlight() {
        return publishedChains - takenChains;
    }

    @Override
    public int base() {
        int at = usedPosition;
        int found = foundChains;
        while (found != publishedChains && isUsed(at)) {
            long entry = entry(at);
            int count = chains(entry, found);
            for (int i = 0; i < count; i++) {
                at = advance(at, descriptors[inOrder ? posted[(found + i) & mask] : id(entry)], sizeEntries);
            }
            found += count;
        }
        return PackedLayout.base(at, sizeEntries);
    }

    @Override
    public boolean arm() {
        armed = true;
        segment.set(
                INT,
                driverEvent,
                eventIndex
                        ? EVENT_DESCRIPTOR << EVENT_FLAGS_SHIFT | offsetAndWrap(usedPosition, sizeEntries)
                        : EVENT_ENABLE << EVENT_FLAGS_SHIFT);
        // The device writes its descriptor, then reads our wish; we the other way round.
        VarHandle.fullFence();
        return pending() > 0;
    }

    @Override
    public void disarm() {
        if (armed) {
            armed = false;
            suppressCalls();
        }
    }

    private void suppressCalls() {
        segment.set(INT, driverEvent, EVENT_DISABLE << EVENT_FLAGS_SHIFT);
    }

    @Override
    public QueueSetup setup(int index) {
        return setup(index, ring, driverEvent, deviceEvent);
    }

    private long descriptor(int position) {
        return ring + (long) DESCRIPTOR_LENGTH * slot(position, sizeEntries);
    }

    private static int id(long entry) {
        return (int) (entry >>> 32) & 0xffff;
    }
}

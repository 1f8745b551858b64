package io.ringfence.vhostuser.virtqueue;

import static io.ringfence.vhostuser.virtqueue.DescriptorLayout.*;
import static io.ringfence.vhostuser.virtqueue.SplitLayout.*;

import io.ringfence.vhostuser.memory.GuestMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** The device side of one split virtqueue (VIRTIO 1.3, section 2.7). */
public final class SplitVirtqueue extends Virtqueue {
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle SHORT_HANDLE = SHORT.varHandle();
    private static final int PLAIN_MASK = DESCRIPTOR_F_NEXT | DESCRIPTOR_F_INDIRECT | DESCRIPTOR_F_WRITE;

    private final MemorySegment descriptors;
    private final MemorySegment available;
    private final MemorySegment used;
    private final int mask;

    private int nextAvailable;
    private int seenAvailable;
    private int nextUsed;
    private int publishedUsed;

    /** As {@link Virtqueue#of}. */
    public SplitVirtqueue(QueueSetup setup, GuestMemory memory, long features) {
        super(setup, memory, features);
        if (sizeEntries <= 0 || sizeEntries > 32768 || Integer.bitCount(sizeEntries) != 1) {
            throw new IllegalArgumentException(
                    "queue %d: size %d, expected a power of two up to 32768".formatted(setup.index(), sizeEntries));
        }
        mask = sizeEntries - 1;
        descriptors = part("descriptor table", setup.descriptorsAddress(), descriptorsLength(sizeEntries), 16);
        available = part("available ring", setup.availableAddress(), availableLength(sizeEntries), 2);
        used = part("used ring", setup.usedAddress(), usedLength(sizeEntries), 4);
        nextAvailable = setup.base() & 0xffff;
        seenAvailable = nextAvailable;
        // Buffers in flight do not exist here: the used index continues where the device left it.
        nextUsed = usedIndex();
        publishedUsed = nextUsed;
    }

    private int usedIndex() {
        try {
            return memory.readUserShort(setup.usedAddress() + USED_INDEX_OFFSET);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("queue %d: used ring: %s".formatted(setup.index(), e.getMessage()), e);
        }
    }

    @Override
    public void continueFrom(Virtqueue earlier) {
        if (!(earlier instanceof SplitVirtqueue split)) {
            throw new IllegalArgumentException("queue %d: was packed, is split".formatted(setup.index()));
        }
        nextAvailable = split.nextAvailable;
        seenAvailable = split.seenAvailable;
        nextUsed = split.nextUsed;
        publishedUsed = split.publishedUsed;
        armed = split.armed;
        fault = split.fault;
    }

    /** The available index of the next chain. */
    @Override
    public int nextAvailable() {
        return nextAvailable;
    }

    @Override
    public int base() {
        return nextAvailable;
    }

    @Override
    public int available() {
        if (fault != null) {
            return 0; // before any access: the memory may be lost
        }
        int index = (short) SHORT_HANDLE.getAcquire(available, (long) AVAILABLE_INDEX_OFFSET) & 0xffff;
        int count = (index - nextAvailable) & 0xffff;
        if (count > sizeEntries) {
            stop(RingFault.AVAILABLE_INDEX);
            return 0;
        }
        seenAvailable = index;
        return count;
    }

    @Override
    boolean read(int ahead, boolean writable, int limit, BufferChain chain) {
        int slot = (nextAvailable + ahead) & mask;
        int entry = available.get(SHORT, AVAILABLE_RING_OFFSET + 2L * slot) & 0xffff;
        // A mask, not "entry >= sizeEntries": when the memory is gone, compiled code goes on for a moment with whatever
        // the register held, while the compiler takes 16 bits for granted and leaves out half of the bounds checks. The
        // mask it cannot leave out. (Without it a truncated file made the JVM crash here.)
        int head = entry & mask;
        if (head != entry) {
            return faulty(RingFault.DESCRIPTOR_INDEX);
        }
        chain.clear();
        chain.head = head;
        long offset = (long) DESCRIPTOR_LENGTH * head;
        long address = descriptors.get(LONG, offset);
        long lengthFlagsNext = descriptors.get(LONG, offset + DESCRIPTOR_LENGTH_FLAGS_NEXT_OFFSET);
        if ((flags(lengthFlagsNext) & (DESCRIPTOR_F_NEXT | DESCRIPTOR_F_INDIRECT)) == 0) {
            chain.descriptors = 1;
            return append(chain, address, length(lengthFlagsNext), flags(lengthFlagsNext), writable);
        }
        return walk(chain, address, lengthFlagsNext, writable, limit);
    }

    @Override
    public int peekPlain(int limit, boolean writable, int minLength, BufferBatch batch) {
        int wanted = Math.min(limit, BufferBatch.CAPACITY);
        int flagsWanted = writable ? DESCRIPTOR_F_WRITE : 0;
        // Locals, not fields: in the loop each would be loaded again, with the collector's barrier.
        MemorySegment ring = available;
        MemorySegment table = descriptors;
        int ringMask = mask;
        int first = nextAvailable;
        int[] heads = batch.heads;
        long[] offsets = batch.offsets;
        int[] lengths = batch.lengths;
        long regionAddress = 0;
        long regionLength = 0;
        batch.count = 0; // should a fault come before the end
        int count = 0;
        while (count < wanted) {
            int slot = (first + count) & ringMask;
            int named = ring.get(SHORT, AVAILABLE_RING_OFFSET + 2L * slot) & 0xffff;
            int head = named & ringMask; // see read
            long entry = (long) DESCRIPTOR_LENGTH * head;
            long address = table.get(LONG, entry);
            long lengthFlagsNext = table.get(LONG, entry + DESCRIPTOR_LENGTH_FLAGS_NEXT_OFFSET);
            long length = length(lengthFlagsNext);
            if (head != named
                    || (flags(lengthFlagsNext) & PLAIN_MASK) != flagsWanted
                    || length < minLength
                    || length > Integer.MAX_VALUE) {
                break;
            }
            if (count == 0) {
                int region = memory.find(address);
                if (region < 0) {
                    break;
                }
                batch.segment = memory.segment(region);
                regionAddress = memory.guestAddress(region);
                regionLength = memory.lengthBytes(region);
            }
            long offset = address - regionAddress;
            // Negative as an unsigned number too: below the region.
            if (offset < 0 || offset > regionLength - length) {
                break;
            }
            heads[count] = head;
            offsets[count] = offset;
            lengths[count] = (int) length;
            count++;
        }
        batch.count = count;
        return count;
    }

    private boolean walk(BufferChain chain, long firstAddress, long firstLengthFlagsNext, boolean writable, int limit) {
        MemorySegment table = descriptors;
        int entries = sizeEntries;
        boolean inside = false;
        long address = firstAddress;
        long lengthFlagsNext = firstLengthFlagsNext;
        while (true) {
            // "A driver MUST NOT create a descriptor chain longer than the Queue Size of the device" (2.7.5.3.1).
            if (++chain.descriptors > limit) {
                return tooLong(limit);
            }
            int flags = flags(lengthFlagsNext);
            if ((flags & DESCRIPTOR_F_INDIRECT) != 0) {
                // 2.7.5.3.1: not without the feature, not inside a table, not with NEXT.
                long length = length(lengthFlagsNext);
                if (!indirect
                        || inside
                        || (flags & DESCRIPTOR_F_NEXT) != 0
                        || length == 0
                        || length % DESCRIPTOR_LENGTH != 0
                        || length / DESCRIPTOR_LENGTH > sizeEntries) {
                    return faulty(RingFault.INDIRECT);
                }
                int region = memory.find(address);
                if (region < 0 || length > memory.lengthBytes(region) - memory.offset(region, address)) {
                    return faulty(RingFault.UNMAPPED_ADDRESS);
                }
                return walkIndirect(
                        chain, memory.segment(region), memory.offset(region, address), (int) length, writable, limit);
            }
            if (!append(chain, address, length(lengthFlagsNext), flags(lengthFlagsNext), writable)) {
                return false;
            }
            if ((flags & DESCRIPTOR_F_NEXT) == 0) {
                return true;
            }
            int next = (int) (lengthFlagsNext >>> 48);
            if (next >= entries) {
                return faulty(RingFault.DESCRIPTOR_INDEX);
            }
            long offset = (long) DESCRIPTOR_LENGTH * next;
            address = table.get(LONG, offset);
            lengthFlagsNext = table.get(LONG, offset + DESCRIPTOR_LENGTH_FLAGS_NEXT_OFFSET);
        }
    }

    private boolean walkIndirect(
            BufferChain chain,
            MemorySegment memorySegment,
            long tableOffset,
            int tableLength,
            boolean writable,
            int limit) {
        int entries = tableLength / DESCRIPTOR_LENGTH;
        int next = 0;
        chain.descriptors--; // the descriptor of the table itself does not count as a buffer
        while (true) {
            if (++chain.descriptors > limit) {
                return tooLong(limit);
            }
            long offset = tableOffset + (long) DESCRIPTOR_LENGTH * next;
            long address = memorySegment.get(LONG, offset);
            long lengthFlagsNext = memorySegment.get(LONG, offset + DESCRIPTOR_LENGTH_FLAGS_NEXT_OFFSET);
            int flags = flags(lengthFlagsNext);
            if ((flags & DESCRIPTOR_F_INDIRECT) != 0) {
                return faulty(RingFault.INDIRECT);
            }
            if (!append(chain, address, length(lengthFlagsNext), flags(lengthFlagsNext), writable)) {
                return false;
            }
            if ((flags & DESCRIPTOR_F_NEXT) == 0) {
                return true;
            }
            next = (int) (lengthFlagsNext >>> 48);
            if (next >= entries) {
                return faulty(RingFault.DESCRIPTOR_INDEX);
            }
        }
    }

    /** Writes the used entry, which the driver does not look at before its index has passed it. */
    @Override
    public void stage(int ahead, int head, int writtenBytes) {
        int slot = (nextUsed + ahead) & mask;
        used.set(LONG, USED_RING_OFFSET + (long) USED_ENTRY_LENGTH * slot, ((long) writtenBytes << 32) | head);
    }

    @Override
    public void stage(BufferBatch batch, int from, int chains) {
        MemorySegment ring = used;
        int ringMask = mask;
        int first = nextUsed - from;
        int[] heads = batch.heads;
        int[] written = batch.written;
        for (int i = from; i < from + chains; i++) {
            int slot = (first + i) & ringMask;
            ring.set(LONG, USED_RING_OFFSET + (long) USED_ENTRY_LENGTH * slot, ((long) written[i] << 32) | heads[i]);
        }
    }

    @Override
    public void commit(int chains) {
        nextAvailable = (nextAvailable + chains) & 0xffff;
        nextUsed = (nextUsed + chains) & 0xffff;
    }

    @Override
    public boolean publish() {
        int before = publishedUsed;
        int after = nextUsed;
        if (before == after) {
            return false;
        }
        // Release: the entries and the buffers' contents are seen before the index (section 2.7.8.2).
        // A fence and a plain store: interpreted, setRelease is an xchg inside the JVM, and HotSpot's signal handler
        // cannot step over that one when the memory is gone (it ends the process; seen with JDK 25).
        VarHandle.releaseFence();
        used.set(SHORT, USED_INDEX_OFFSET, (short) after);
        publishedUsed = after;
        // "MUST ... read used_event after writing idx" (2.7.7.2): a full barrier between store and load.
        VarHandle.fullFence();
        if (eventIndex) {
            return crossed(available.get(SHORT, usedEventOffset(sizeEntries)) & 0xffff, after, before);
        }
        return (available.get(SHORT, AVAILABLE_FLAGS_OFFSET) & AVAILABLE_F_NO_INTERRUPT) == 0;
    }

    @Override
    public boolean arm() {
        if (fault != null) {
            return false;
        }
        if (eventIndex) {
            used.set(SHORT, availableEventOffset(sizeEntries), (short) seenAvailable);
        } else {
            // Also when never disarmed: a back-end that died may have left its NO_NOTIFY behind.
            used.set(SHORT, USED_FLAGS_OFFSET, (short) 0);
        }
        armed = true;
        // The driver writes its index, then reads our wish; we the other way round (2.7.10.1).
        VarHandle.fullFence();
        return ((short) SHORT_HANDLE.getAcquire(available, (long) AVAILABLE_INDEX_OFFSET) & 0xffff) != seenAvailable;
    }

    @Override
    public void disarm() {
        if (armed && fault == null) {
            armed = false;
            if (eventIndex) {
                // An event just behind is the one that takes longest to be crossed.
                used.set(SHORT, availableEventOffset(sizeEntries), (short) (seenAvailable - 1));
            } else {
                used.set(SHORT, USED_FLAGS_OFFSET, (short) USED_F_NO_NOTIFY);
            }
        }
    }

    private static int flags(long lengthFlagsNext) {
        return (int) (lengthFlagsNext >>> 32) & 0xffff;
    }

    private static long length(long lengthFlagsNext) {
        return lengthFlagsNext & 0xffff_ffffL;
    }
}

package io.ringfence.vhostuser.virtqueue;

import static io.ringfence.vhostuser.virtqueue.DescriptorLayout.*;
import static io.ringfence.vhostuser.virtqueue.PackedDescriptors.*;
import static io.ringfence.vhostuser.virtqueue.PackedLayout.*;

import io.ringfence.vhostuser.memory.FilePlace;
import io.ringfence.vhostuser.memory.GuestMemory;
import io.ringfence.vhostuser.protocol.Features;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * The device side of one packed virtqueue (VIRTIO 1.3, section 2.8).
 *
 * <p>{@link #available} finds where chains start and end, once, and remembers it: how far a chain reaches is then never
 * asked of the driver again. Nothing that the driver writes is ever used as an index. A used descriptor overwrites the
 * first one of its chain, so that what is staged is kept here until it is committed.
 *
 * <p>What is committed is written to a {@link RedoLog} first, which may outlive the process. A queue that finds one of its ring
 * shows the driver what was counted there and perhaps not shown, and goes on behind that, whatever the front-end says of its base.
 */
public final class PackedVirtqueue extends Virtqueue {
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int PLAIN_MASK = DESCRIPTOR_F_NEXT | DESCRIPTOR_F_INDIRECT | DESCRIPTOR_F_WRITE;
    private static final ValueLayout.OfLong LOG_ENTRY = ValueLayout.JAVA_LONG;
    /** What the device's wish never lacks, whose offset counts with another flag only: zero is a ring nobody has served yet. */
    private static final int EVENT_DEVICE_WAS_HERE = 1;

    /** Descriptors that one call of {@link #available} looks at: a microsecond or two, however long the ring is. */
    private static final int LOOK_LIMIT = 1024;

    private final MemorySegment ring;
    private final MemorySegment driverEvent;
    private final MemorySegment deviceEvent;
    /** Whether a batch is used by one descriptor: with IN_ORDER, where no written length has to be told (2.8.9). */
    private final boolean usesBatches;
    /** What a used descriptor says besides whose it is: a receive buffer has been written. */
    private final int usedFlag;

    /** Position of each chain found and of the end of the last one, by number of the chain. */
    private final char[] starts;

    private final int startMask;
    /** The next chains, as {@link RedoLog#entry} has them. */
    private final long[] staged;

    private final FilePlace ringPlace;
    private RedoLog redoLog;
    private MemorySegment log;
    /** Entries in the log that are not published. */
    private int logged;
    /** The used descriptor that hides all later ones from the driver until it is written, if there is one. */
    private long unpublishedEntry;
    /** Where the unpublished chains start. */
    private int publishedPosition;
    /** Whether log and ring have been asked where to start. */
    private boolean placed;
    /** From where to where another device has used chains that were this one's: {@link PackedRecovery.Place}. */
    private int strangeFrom = PackedRecovery.NOWHERE;

    private int strangeTo = PackedRecovery.NOWHERE;

    private int nextAvailable;
    private int position;
    private int foundChains;
    private int foundDescriptors;
    /** Whether the ring may have been in use before, although it starts where unused ones do. */
    private boolean positionDoubtful;

    /** As {@link Virtqueue#of(QueueSetup, GuestMemory, long)}. */
    public PackedVirtqueue(QueueSetup setup, GuestMemory memory, long features) {
        this(setup, memory, features, null);
    }

    /**
     * As {@link Virtqueue#of(QueueSetup, GuestMemory, long)}.
     *
     * @param redoLog of this queue, written by no other one while this is in use; null for one that dies with the process
     */
    public PackedVirtqueue(QueueSetup setup, GuestMemory memory, long features, @Nullable RedoLog redoLog) {
        super(setup, memory, features);
        if (sizeEntries <= 0 || sizeEntries > MAX_ENTRIES) {
            throw new IllegalArgumentException(
                    "queue %d: size %d, expected 1 to %d".formatted(setup.index(), sizeEntries, MAX_ENTRIES));
        }
        position = PackedLayout.position(setup.base(), sizeEntries);
        if (position < 0) {
            throw new IllegalArgumentException("queue %d: base 0x%x is beyond the %d descriptors of its ring"
                    .formatted(setup.index(), setup.base(), sizeEntries));
        }
        ring = part("descriptor ring", setup.descriptorsAddress(), descriptorsLength(sizeEntries), 16);
        driverEvent = part("driver event suppression", setup.availableAddress(), EVENT_LENGTH, 4);
        deviceEvent = part("device event suppression", setup.usedAddress(), EVENT_LENGTH, 4);
        usesBatches = (features & Features.IN_ORDER) != 0 && !setup.receives();
        usedFlag = setup.receives() ? DESCRIPTOR_F_WRITE : 0;
        starts = new char[Integer.highestOneBit(sizeEntries) << 1]; // more than there can be chains
        startMask = starts.length - 1;
        staged = new long[sizeEntries];
        starts[0] = (char) position;
        publishedPosition = position;
        positionDoubtful = position == 0;
        ringPlace = memory.placeOfUser(setup.descriptorsAddress());
        this.redoLog = redoLog == null ? RedoLog.ofProcess(sizeEntries) : redoLog;
        if (this.redoLog.sizeEntries() != sizeEntries) {
            throw new IllegalArgumentException("queue %d: %d descriptors, but a redo log for %d"
                    .formatted(setup.index(), sizeEntries, this.redoLog.sizeEntries()));
        }
        log = this.redoLog.memory();
    }

    @Override
    public void continueFrom(Virtqueue earlier) {
        if (!(earlier instanceof PackedVirtqueue packed)) {
            throw new IllegalArgumentException("queue %d: was split, is packed".formatted(setup.index()));
        }
        nextAvailable = packed.nextAvailable;
        position = packed.position;
        starts[nextAvailable & startMask] = (char) position;
        foundChains = 0;
        foundDescriptors = 0;
        redoLog = packed.redoLog;
        log = packed.log;
        logged = packed.logged;
        unpublishedEntry = packed.unpublishedEntry;
        publishedPosition = packed.publishedPosition;
        placed = packed.placed;
        strangeFrom = packed.strangeFrom;
        strangeTo = packed.strangeTo;
        positionDoubtful = packed.positionDoubtful;
        armed = packed.armed;
        fault = packed.fault;
    }

    /** How many chains were taken, 16 bits. */
    @Override
    public int nextAvailable() {
        return nextAvailable;
    }

    @Override
    public int base() {
        return PackedLayout.base(position, sizeEntries);
    }

    @Override
    public void handBack() {
        if (placed) {
            redoLog.end();
        }
    }

    @Override
    public int available() {
        if (!isUsable()) {
            return 0; // before any access: the memory may be lost
        }
        // Locals, not fields: in the loop each would be loaded again, with the collector's barrier.
        MemorySegment descriptors = ring;
        char[] positions = starts;
        int numberMask = positions.length - 1; // so that the compiler knows the index to be in bounds
        int size = sizeEntries;
        int chains = foundChains;
        int found = foundDescriptors;
        // Not into what the driver has not been given back, whatever it writes there.
        int limit = Math.min(size - unpublishedDescriptors(), found + LOOK_LIMIT);
        int at = advance(position, found, size);
        int slot = slot(at, size);
        int wanted = availableFlags(at, size);
        int number = nextAvailable + chains;
        while (found < limit) {
            int flags = flagsAt(descriptors, slot);
            if ((flags & DESCRIPTOR_OWNER_MASK) != wanted) {
                break;
            }
            int length = 1;
            if ((flags & DESCRIPTOR_F_NEXT) != 0) {
                length = listLength(slot, wanted, Math.min(chainLimit, size - unpublishedDescriptors() - found));
                if (length < 0) {
                    break;
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
        chains = number - nextAvailable;
        foundChains = chains;
        foundDescriptors = found;
        if (chains == 0 && strangeFrom == position && logged == 0) {
            passStrange();
            return available();
        }
        if (chains == 0 && positionDoubtful) {
            checkPosition();
        }
        return fault == null ? chains : 0;
    }

    /** Finds out where to start, the first time; false if the queue has been stopped. */
    private boolean isUsable() {
        if (!placed && fault == null) {
            place();
        }
        return fault == null;
    }

    private void place() {
        PackedRecovery recovery =
                new PackedRecovery(ring, deviceEvent, redoLog, sizeEntries, usedFlag, usesBatches, position);
        PackedRecovery.Place found = recovery.find(ringPlace);
        if (found == null) {
            stop(RingFault.POSITION_LOST);
            return;
        }
        deviceEvent.set(INT, 0, EVENT_ENABLE << EVENT_FLAGS_SHIFT | EVENT_DEVICE_WAS_HERE);
        goOnAt(found.position());
        strangeFrom = found.strangeFrom();
        strangeTo = found.strangeTo();
        placed = true;
        if (found.afterAnother()) {
            positionDoubtful = false;
            call(); // the driver may not have been told of what was shown last
        }
    }

    private void goOnAt(int start) {
        position = start;
        publishedPosition = start;
        starts[nextAvailable & startMask] = (char) start;
    }

    /** Goes on behind what another device has used, which this one has come to. */
    private void passStrange() {
        goOnAt(strangeTo);
        redoLog.place(strangeTo, strangeTo);
        strangeFrom = PackedRecovery.NOWHERE;
        call(); // whatever the driver waits for: it may be among what was left out
    }

    private int unpublishedDescriptors() {
        return distance(publishedPosition, position, sizeEntries);
    }

    /**
     * Stops the queue if its ring shows that it does not go on at the beginning. When a back-end has died, QEMU has it go on
     * there nevertheless: where the driver is by then nothing would ever become available, and nobody would know why.
     */
    private void checkPosition() {
        positionDoubtful = false;
        if (nextAvailable == 0 && wasInUse(ring, sizeEntries)) {
            stop(RingFault.POSITION_LOST);
        }
    }

    /**
     * How many descriptors a list has that starts here; -1 if it has more than the limit, or goes on in descriptors that
     * are not available: the queue is then stopped, or will be when the chains before it are taken.
     */
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
        if (first == slot(position, sizeEntries)) {
            stop(RingFault.DESCRIPTOR_LOOP);
        }
        return -1;
    }

    @Override
    public boolean peek(int ahead, boolean writable, BufferChain chain) {
        int number = nextAvailable + ahead;
        int from = starts[number & startMask];
        int count = distance(from, starts[(number + 1) & startMask], sizeEntries);
        int slot = slot(from, sizeEntries);
        chain.clear();
        for (int i = 0; i < count; i++) {
            long offset = (long) DESCRIPTOR_LENGTH * slot;
            long address = ring.get(LONG, offset);
            long lengthIdFlags = ring.get(LONG, offset + DESCRIPTOR_LENGTH_ID_FLAGS_OFFSET);
            chain.head = id(lengthIdFlags); // that of the last one counts (2.8.6)
            if ((flags(lengthIdFlags) & DESCRIPTOR_F_INDIRECT) != 0) {
                // 2.8.19: not without the feature; 2.8.7: not in a list.
                if (!indirect || count > 1) {
                    return faulty(RingFault.INDIRECT);
                }
                return readTable(chain, address, length(lengthIdFlags), writable);
            }
            chain.descriptors = i + 1;
            if (!append(chain, address, lengthIdFlags, writable)) {
                return false;
            }
            slot = slot + 1 == sizeEntries ? 0 : slot + 1;
        }
        return true;
    }

    /** Of an indirect table all descriptors count; "VIRTQ_DESC_F_WRITE is the only valid flag" there (2.8.7). */
    private boolean readTable(BufferChain chain, long address, long length, boolean writable) {
        long count = length / DESCRIPTOR_LENGTH;
        if (length == 0 || length % DESCRIPTOR_LENGTH != 0 || count > sizeEntries) {
            return faulty(RingFault.INDIRECT);
        }
        if (count > chainLimit) {
            return faulty(RingFault.DESCRIPTOR_LOOP);
        }
        int region = memory.find(address);
        if (region < 0 || length > memory.lengthBytes(region) - memory.offset(region, address)) {
            return faulty(RingFault.UNMAPPED_ADDRESS);
        }
        MemorySegment table = memory.segment(region);
        long end = memory.offset(region, address) + length;
        for (long offset = end - length; offset < end; offset += DESCRIPTOR_LENGTH) {
            chain.descriptors++;
            long lengthIdFlags = table.get(LONG, offset + DESCRIPTOR_LENGTH_ID_FLAGS_OFFSET);
            if (!append(chain, table.get(LONG, offset), lengthIdFlags, writable)) {
                return false;
            }
        }
        return true;
    }

    private boolean append(BufferChain chain, long address, long lengthIdFlags, boolean writable) {
        if (((flags(lengthIdFlags) & DESCRIPTOR_F_WRITE) != 0) != writable) {
            return faulty(RingFault.DIRECTION);
        }
        RingFault wrong = chain.append(memory, address, length(lengthIdFlags));
        return wrong == null || faulty(wrong);
    }

    @Override
    public int peekPlain(int limit, boolean writable, int minLength, BufferBatch batch) {
        int wanted = Math.min(limit, BufferBatch.CAPACITY);
        int flagsWanted = writable ? DESCRIPTOR_F_WRITE : 0;
        MemorySegment descriptors = ring; // see available
        int size = sizeEntries;
        int slot = slot(position, size);
        int[] heads = batch.heads;
        long[] offsets = batch.offsets;
        int[] lengths = batch.lengths;
        long regionAddress = 0;
        long regionLength = 0;
        batch.count = 0; // should a fault come before the end
        int count = 0;
        while (count < wanted) {
            long descriptor = (long) DESCRIPTOR_LENGTH * slot;
            long address = descriptors.get(LONG, descriptor);
            long lengthIdFlags = descriptors.get(LONG, descriptor + DESCRIPTOR_LENGTH_ID_FLAGS_OFFSET);
            long length = length(lengthIdFlags);
            if ((flags(lengthIdFlags) & PLAIN_MASK) != flagsWanted
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
            heads[count] = id(lengthIdFlags);
            offsets[count] = offset;
            lengths[count] = (int) length;
            count++;
            slot++;
            if (slot == size) {
                slot = 0;
            }
        }
        batch.count = count;
        return count;
    }

    @Override
    public void stage(int ahead, int head, int writtenBytes) {
        staged[ahead] = RedoLog.entry(starts[(nextAvailable + ahead) & startMask], head, writtenBytes);
    }

    @Override
    public void stage(BufferBatch batch, int from, int chains) {
        long[] entries = staged;
        char[] positions = starts;
        int numberMask = positions.length - 1;
        int number = nextAvailable;
        int[] heads = batch.heads;
        int[] written = batch.written;
        for (int i = 0; i < chains; i++) {
            entries[i] = RedoLog.entry(positions[(number + i) & numberMask], heads[from + i], written[from + i]);
        }
    }

    /**
     * Also writes the used descriptors, but for the first one since the last time: the driver looks at that one only, and
     * so sees none.
     */
    @Override
    public void commit(int chains) {
        if (chains == 0) {
            return;
        }
        int number = nextAvailable + chains;
        int after = starts[number & startMask];
        boolean first = logged == 0;
        if (usesBatches) {
            unpublishedEntry = RedoLog.moved(staged[chains - 1], publishedPosition);
            log.set(LOG_ENTRY, RedoLog.entryOffset(logged), unpublishedEntry);
            logged++;
            RedoLog.count(log, logged, after);
        } else {
            if (first) {
                unpublishedEntry = staged[0];
            }
            RedoLog.write(log, logged, staged, chains);
            logged += chains;
            RedoLog.count(log, logged, after);
            useStaged(first ? 1 : 0, chains);
        }
        foundDescriptors -= distance(position, after, sizeEntries);
        foundChains -= chains;
        position = after;
        nextAvailable = number & 0xffff;
    }

    private void useStaged(int from, int to) {
        MemorySegment descriptors = ring; // see available
        long[] entries = staged;
        int size = sizeEntries;
        int flag = usedFlag;
        for (int i = from; i < to; i++) {
            PackedDescriptors.use(descriptors, size, flag, entries[i]);
        }
    }

    private void use(long entry) {
        PackedDescriptors.use(ring, sizeEntries, usedFlag, entry);
    }

    @Override
    public boolean publish() {
        if (logged == 0) {
            return false;
        }
        useFirst(unpublishedEntry);
        int before = publishedPosition;
        logged = 0;
        publishedPosition = position;
        RedoLog.count(log, 0, position);
        return wantsEvent(driverEvent.get(INT, 0), eventIndex, before, position, sizeEntries);
    }

    private void useFirst(long entry) {
        // Release: the other descriptors and the buffers' contents are seen before the first one. A fence and a plain
        // store: see SplitVirtqueue. Aligned to 8 bytes, so that length, id and flags are seen at once.
        VarHandle.releaseFence();
        use(entry);
        // The driver writes its wish, then looks for used descriptors; we the other way round (2.8.14).
        VarHandle.fullFence();
    }

    @Override
    public boolean arm() {
        if (!isUsable()) {
            return false;
        }
        if (strangeFrom == position && foundDescriptors == 0) {
            return true; // the driver has passed this place, and would not kick for it
        }
        int next = advance(position, foundDescriptors, sizeEntries);
        // Also when never disarmed: a back-end that died may have left its DISABLE behind.
        deviceEvent.set(
                INT,
                0,
                eventIndex
                        ? EVENT_DESCRIPTOR << EVENT_FLAGS_SHIFT | offsetAndWrap(next, sizeEntries)
                        : EVENT_ENABLE << EVENT_FLAGS_SHIFT | EVENT_DEVICE_WAS_HERE);
        armed = true;
        // The driver writes its descriptor, then reads our wish; we the other way round (2.8.13.2).
        VarHandle.fullFence();
        return foundDescriptors < sizeEntries - unpublishedDescriptors()
                && ownerAt(ring, slot(next, sizeEntries)) == availableFlags(next, sizeEntries);
    }

    @Override
    public void disarm() {
        if (isUsable() && armed) {
            armed = false;
            deviceEvent.set(INT, 0, EVENT_DISABLE << EVENT_FLAGS_SHIFT);
        }
    }
}

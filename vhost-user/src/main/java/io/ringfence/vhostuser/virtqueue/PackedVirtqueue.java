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
 * <p>{@link PackedAvailable} finds what the driver offers, {@link PackedUsed} shows it what was used, after that was written to a
 * {@link RedoLog}, which may outlive the process. A queue that finds a log of its ring shows the driver what was counted there and
 * perhaps not shown, and goes on behind that, whatever the front-end says of its base ({@link PackedRecovery}).
 */
public final class PackedVirtqueue extends Virtqueue {
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int PLAIN_MASK = DESCRIPTOR_F_NEXT | DESCRIPTOR_F_INDIRECT | DESCRIPTOR_F_WRITE;
    /** What the device's wish never lacks, whose offset counts with another flag only: zero is a ring nobody has served yet. */
    private static final int EVENT_DEVICE_WAS_HERE = 1;

    private final MemorySegment ring;
    private final MemorySegment deviceEvent;
    private final boolean usesBatches;
    private final int usedFlag;
    private final PackedAvailable offered;
    private final PackedUsed used;

    private final FilePlace ringPlace;
    /** Whether log and ring have been asked where to start. */
    private boolean placed;
    /** Whether the ring may have been in use before, although it starts where unused ones do. */
    private boolean positionDoubtful;
    /** From where to where another device has used chains that were this one's: {@link PackedRecovery.Place}. */
    private int strangeFrom = PackedRecovery.NOWHERE;

    private int strangeTo = PackedRecovery.NOWHERE;

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
        int position = PackedLayout.position(setup.base(), sizeEntries);
        if (position < 0) {
            throw new IllegalArgumentException("queue %d: base 0x%x is beyond the %d descriptors of its ring"
                    .formatted(setup.index(), setup.base(), sizeEntries));
        }
        if (redoLog != null && redoLog.sizeEntries() != sizeEntries) {
            throw new IllegalArgumentException("queue %d: %d descriptors, but a redo log for %d"
                    .formatted(setup.index(), sizeEntries, redoLog.sizeEntries()));
        }
        ring = part("descriptor ring", setup.descriptorsAddress(), descriptorsLength(sizeEntries), 16);
        MemorySegment driverEvent = part("driver event suppression", setup.availableAddress(), EVENT_LENGTH, 4);
        deviceEvent = part("device event suppression", setup.usedAddress(), EVENT_LENGTH, 4);
        usesBatches = (features & Features.IN_ORDER) != 0 && !setup.receives();
        usedFlag = setup.receives() ? DESCRIPTOR_F_WRITE : 0; // a receive buffer has been written
        offered = new PackedAvailable(ring, sizeEntries, chainLimit, position);
        used = new PackedUsed(
                ring,
                driverEvent,
                sizeEntries,
                eventIndex,
                usesBatches,
                usedFlag,
                redoLog == null ? RedoLog.ofProcess(sizeEntries) : redoLog,
                position);
        positionDoubtful = position == 0;
        ringPlace = memory.placeOfUser(setup.descriptorsAddress());
    }

    @Override
    public void continueFrom(Virtqueue earlier) {
        if (!(earlier instanceof PackedVirtqueue packed)) {
            throw new IllegalArgumentException("queue %d: was split, is packed".formatted(setup.index()));
        }
        offered.continueFrom(packed.offered);
        used.continueFrom(packed.used);
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
        return offered.next();
    }

    @Override
    public int base() {
        return PackedLayout.base(offered.position(), sizeEntries);
    }

    @Override
    public void handBack() {
        if (placed) {
            used.redoLog().end();
        }
    }

    @Override
    public int available() {
        if (!isUsable()) {
            return 0; // before any access: the memory may be lost
        }
        int chains = offered.look(withheldDescriptors());
        if (chains > 0) {
            return chains;
        }
        if (chains == PackedAvailable.BROKEN) {
            stop(RingFault.DESCRIPTOR_LOOP);
            return 0;
        }
        if (strangeFrom == offered.position() && !used.withholds()) {
            passStrange();
            return available();
        }
        if (positionDoubtful) {
            checkPosition();
        }
        return 0;
    }

    private int withheldDescriptors() {
        return used.withheldDescriptors(offered.position());
    }

    /** Finds out where to start, the first time; false if the queue has been stopped. */
    private boolean isUsable() {
        if (!placed && fault == null) {
            place();
        }
        return fault == null;
    }

    private void place() {
        PackedRecovery recovery = new PackedRecovery(
                ring, deviceEvent, used.redoLog(), sizeEntries, usedFlag, usesBatches, offered.position());
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
        offered.goOnAt(start);
        used.goOnAt(start);
    }

    /** Goes on behind what another device has used, which this one has come to. */
    private void passStrange() {
        goOnAt(strangeTo);
        used.redoLog().place(strangeTo, strangeTo);
        strangeFrom = PackedRecovery.NOWHERE;
        call(); // whatever the driver waits for: it may be among what was left out
    }

    /**
     * Stops the queue if its ring shows that it does not go on at the beginning. When a back-end has died, QEMU has it go on
     * there nevertheless: where the driver is by then nothing would ever become available, and nobody would know why.
     */
    private void checkPosition() {
        positionDoubtful = false;
        if (offered.next() == 0 && wasInUse(ring, sizeEntries)) {
            stop(RingFault.POSITION_LOST);
        }
    }

    @Override
    boolean read(int ahead, boolean writable, int limit, BufferChain chain) {
        int from = offered.start(ahead);
        int count = distance(from, offered.start(ahead + 1), sizeEntries);
        int slot = slot(from, sizeEntries);
        chain.clear();
        // No list is longer than any chain may be: that was looked at when it was found.
        if (count > Math.max(limit, 1)) {
            chain.descriptors = limit + 1;
            return false;
        }
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
                return readTable(chain, address, length(lengthIdFlags), writable, limit);
            }
            chain.descriptors = i + 1;
            if (!append(chain, address, length(lengthIdFlags), flags(lengthIdFlags), writable)) {
                return false;
            }
            slot = slot + 1 == sizeEntries ? 0 : slot + 1;
        }
        return true;
    }

    /** Of an indirect table all descriptors count; "VIRTQ_DESC_F_WRITE is the only valid flag" there (2.8.7). */
    private boolean readTable(BufferChain chain, long address, long length, boolean writable, int limit) {
        long count = length / DESCRIPTOR_LENGTH;
        if (length == 0 || length % DESCRIPTOR_LENGTH != 0 || count > sizeEntries) {
            return faulty(RingFault.INDIRECT);
        }
        if (count > chainLimit) {
            return faulty(RingFault.DESCRIPTOR_LOOP);
        }
        if (count > limit) {
            chain.descriptors = limit + 1;
            return false;
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
            if (!append(chain, table.get(LONG, offset), length(lengthIdFlags), flags(lengthIdFlags), writable)) {
                return false;
            }
        }
        return true;
    }

    @Override
    public int peekPlain(int limit, boolean writable, int minLength, BufferBatch batch) {
        int wanted = Math.min(limit, BufferBatch.CAPACITY);
        int flagsWanted = writable ? DESCRIPTOR_F_WRITE : 0;
        MemorySegment descriptors = ring; // see PackedAvailable.look
        int size = sizeEntries;
        int slot = slot(offered.position(), size);
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
        used.staged()[ahead] = RedoLog.entry(offered.start(ahead), head, writtenBytes);
    }

    @Override
    public void stage(BufferBatch batch, int from, int chains) {
        offered.entries(batch.heads, batch.written, from, chains, used.staged());
    }

    @Override
    public void commit(int chains) {
        if (chains > 0) {
            used.commit(chains, offered.start(chains));
            offered.take(chains);
        }
    }

    @Override
    public boolean publish() {
        return used.publish(offered.position());
    }

    @Override
    public boolean arm() {
        if (!isUsable()) {
            return false;
        }
        int next = offered.foundPosition();
        if (strangeFrom == offered.position() && strangeFrom == next) {
            return true; // the driver has passed this place, and would not kick for it
        }
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
        return offered.goesOn(withheldDescriptors());
    }

    @Override
    public void disarm() {
        if (isUsable() && armed) {
            armed = false;
            deviceEvent.set(INT, 0, EVENT_DISABLE << EVENT_FLAGS_SHIFT);
        }
    }
}

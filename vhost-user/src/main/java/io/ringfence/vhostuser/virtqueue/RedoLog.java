package io.ringfence.vhostuser.virtqueue;

import io.ringfence.vhostuser.memory.FilePlace;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * What is to survive the process of one packed queue: where the device is, and the batch that it is about to show.
 *
 * <p>A packed ring does not say where its device is, and a batch of used descriptors is many stores. So the batch is written here
 * first, then counted with one store, then written to the ring; whoever finds it here after the process has died writes it again
 * ({@code PackedRecovery}). The order of the stores in the program is enough: a process that is killed has executed all of them
 * up to some instruction. The host itself must go on running.
 *
 * <p>The log is worth something for one ring only: the same memory of the same front-end, and not set up anew since. The memory
 * is in the log; the ring tells by its device event suppression, which is zero until a device has been there, and by the first used
 * descriptor of the last batch, whose entry stays in the log until the next batch.
 *
 * <p>Used by the queue's owner; {@link #end} after it has let go.
 */
public final class RedoLog implements AutoCloseable {
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;

    /** Says that the log counts, and what its layout is. */
    private static final long VALID = 0x5246_5245_444f_0002L;

    private static final long VALID_OFFSET = 0;
    private static final long DEVICE_OFFSET = 8;
    private static final long INODE_OFFSET = 16;
    private static final long PLACE_OFFSET = 24;
    /** Entries of the batch (16) and the position after it (16), in one store. */
    private static final long COUNT_POSITION_OFFSET = 32;
    /** Where the front-end believed the queue to be when the device began; {@link #place} writes all three in one store. */
    private static final long TOLD_OFFSET = COUNT_POSITION_OFFSET + Integer.BYTES;

    private static final long ENTRIES_OFFSET = 64;
    private static final int POSITION_SHIFT = 48;
    /** Where one copy beats a loop. */
    private static final int MANY = 8;

    private final MemorySegment memory;
    private final int sizeEntries;
    private final Runnable release;

    /**
     * @param memory of {@link #lengthBytes}, zero at first; shared with nobody while a queue uses it
     * @param release gives the memory back
     */
    public RedoLog(MemorySegment memory, int sizeEntries, Runnable release) {
        if (memory.byteSize() != lengthBytes(sizeEntries)) {
            throw new IllegalArgumentException("%d bytes for the redo log of %d descriptors, expected %d"
                    .formatted(memory.byteSize(), sizeEntries, lengthBytes(sizeEntries)));
        }
        this.memory = memory;
        this.sizeEntries = sizeEntries;
        this.release = release;
    }

    /** A log that dies with the process. */
    static RedoLog ofProcess(int sizeEntries) {
        return new RedoLog(Arena.ofAuto().allocate(lengthBytes(sizeEntries), Long.BYTES), sizeEntries, () -> {});
    }

    /** Bytes that the log of a queue needs: an entry for each chain that there can be. */
    public static long lengthBytes(int sizeEntries) {
        return entryOffset(sizeEntries);
    }

    /** Size of the queue that it is for. */
    public int sizeEntries() {
        return sizeEntries;
    }

    /** Entries are at {@link #entryOffset}, each as {@link #entry} makes it. */
    MemorySegment memory() {
        return memory;
    }

    /** An entry of the batch; the first one stays when the batch has been shown. */
    long entry(int index) {
        return memory.get(LONG, entryOffset(index));
    }

    static long entryOffset(int index) {
        return ENTRIES_OFFSET + (long) Long.BYTES * index;
    }

    /** A used descriptor to be: its place in the order of the ring, buffer id and written length. */
    static long entry(int position, int id, int writtenBytes) {
        return (long) position << POSITION_SHIFT | (long) id << 32 | (writtenBytes & 0xffff_ffffL);
    }

    /** The same used descriptor elsewhere. */
    static long moved(long entry, int position) {
        return (long) position << POSITION_SHIFT | lengthAndId(entry);
    }

    static int positionOf(long entry) {
        return (int) (entry >>> POSITION_SHIFT);
    }

    /** Length and buffer id, where a descriptor has them. */
    static long lengthAndId(long entry) {
        return entry & 0xffff_ffff_ffffL;
    }

    /** Writes entries after the first so many. */
    static void write(MemorySegment memory, int after, long[] entries, int count) {
        if (count >= MANY) {
            MemorySegment.copy(entries, 0, memory, LONG, entryOffset(after), count);
            return;
        }
        for (int i = 0; i < count; i++) {
            memory.set(LONG, entryOffset(after + i), entries[i]);
        }
    }

    /** Makes so many entries, which have been written, the batch to be shown; none once it has been shown. */
    static void count(MemorySegment memory, int entries, int positionAfter) {
        VarHandle.storeStoreFence(); // for the compiler: the entries first, or the ring
        memory.set(INT, COUNT_POSITION_OFFSET, entries << 16 | positionAfter);
        VarHandle.storeStoreFence(); // then the ring, or other entries
    }

    /** Says in one store where the device goes on, with no batch, and where the front-end believes it to be. */
    void place(int position, int told) {
        VarHandle.storeStoreFence();
        memory.set(LONG, COUNT_POSITION_OFFSET, (long) told << 32 | position);
        VarHandle.storeStoreFence();
    }

    int told() {
        return memory.get(INT, TOLD_OFFSET);
    }

    int entries() {
        return memory.get(INT, COUNT_POSITION_OFFSET) >>> 16;
    }

    int position() {
        return memory.get(INT, COUNT_POSITION_OFFSET) & 0xffff;
    }

    /** Whether this is the log of the ring at this place, and not ended. */
    boolean covers(FilePlace ring) {
        return memory.get(LONG, VALID_OFFSET) == VALID
                && memory.get(LONG, DEVICE_OFFSET) == ring.device()
                && memory.get(LONG, INODE_OFFSET) == ring.inode()
                && memory.get(LONG, PLACE_OFFSET) == ring.offset();
    }

    /** Whether all positions in it are some of the ring: nobody else is to write into the log, but who knows. */
    boolean isPlausible() {
        int entries = entries();
        if (entries > sizeEntries || position() >= 2 * sizeEntries || told() < 0 || told() >= 2 * sizeEntries) {
            return false;
        }
        // The first one is looked at also when its batch has been shown.
        for (int i = 0; i < Math.max(entries, 1); i++) {
            if (positionOf(memory.get(LONG, entryOffset(i))) >= 2 * sizeEntries) {
                return false;
            }
        }
        return true;
    }

    /** Starts anew, for the ring at this place. */
    void begin(FilePlace ring, int position) {
        end();
        memory.set(LONG, DEVICE_OFFSET, ring.device());
        memory.set(LONG, INODE_OFFSET, ring.inode());
        memory.set(LONG, PLACE_OFFSET, ring.offset());
        place(position, position);
        memory.set(LONG, VALID_OFFSET, VALID);
        VarHandle.storeStoreFence();
    }

    /** The front-end knows where the device is: what is here counts no more. */
    void end() {
        memory.set(LONG, VALID_OFFSET, 0);
        VarHandle.storeStoreFence();
    }

    /** Whether what is here counts no more, or never has. */
    public boolean hasEnded() {
        return memory.get(LONG, VALID_OFFSET) != VALID;
    }

    /** Gives the memory back, not what is written there; when no queue uses it any more. */
    @Override
    public void close() {
        release.run();
    }
}

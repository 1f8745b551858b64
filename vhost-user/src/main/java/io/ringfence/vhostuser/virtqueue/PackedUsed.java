package io.ringfence.vhostuser.virtqueue;

import static io.ringfence.vhostuser.virtqueue.PackedLayout.distance;
import static io.ringfence.vhostuser.virtqueue.PackedLayout.wantsEvent;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The chains of a packed ring that the device has used, and how they are shown to the driver (VIRTIO 1.3, section 2.8.6).
 *
 * <p>A used descriptor overwrites the first one of its chain, so that what is staged is kept here until it is committed. What is
 * committed is written to a {@link RedoLog} first, which may outlive the process. For the owner of the queue.
 */
final class PackedUsed {
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LOG_ENTRY = ValueLayout.JAVA_LONG;

    private final MemorySegment ring;
    private final MemorySegment driverEvent;
    private final int sizeEntries;
    private final boolean eventIndex;
    private final boolean usesBatches;
    private final int flag;

    /** The next chains, as {@link RedoLog#entry} has them. */
    private final long[] staged;

    private RedoLog redoLog;
    private MemorySegment log;
    /** Entries in the log that are not published. */
    private int logged;
    /** The used descriptor that hides all later ones from the driver until it is written, if there is one. */
    private long unpublishedEntry;
    /** Where the unpublished chains start. */
    private int publishedPosition;

    /**
     * @param driverEvent where the driver says when it wants to be called
     * @param usesBatches whether a batch is used by one descriptor: with IN_ORDER, where no written length has to be told (2.8.9)
     * @param flag what a used descriptor says besides whose it is
     */
    PackedUsed(
            MemorySegment ring,
            MemorySegment driverEvent,
            int sizeEntries,
            boolean eventIndex,
            boolean usesBatches,
            int flag,
            RedoLog redoLog,
            int position) {
        this.ring = ring;
        this.driverEvent = driverEvent;
        this.sizeEntries = sizeEntries;
        this.eventIndex = eventIndex;
        this.usesBatches = usesBatches;
        this.flag = flag;
        this.redoLog = redoLog;
        log = redoLog.memory();
        staged = new long[sizeEntries];
        publishedPosition = position;
    }

    /** Goes on where an earlier view of the same ring is. */
    void continueFrom(PackedUsed earlier) {
        redoLog = earlier.redoLog;
        log = earlier.log;
        logged = earlier.logged;
        unpublishedEntry = earlier.unpublishedEntry;
        publishedPosition = earlier.publishedPosition;
    }

    /** Goes on elsewhere; only where everything is published. */
    void goOnAt(int start) {
        publishedPosition = start;
    }

    RedoLog redoLog() {
        return redoLog;
    }

    /** Whether a chain has been committed and not published. */
    boolean withholds() {
        return logged != 0;
    }

    /** Descriptors from the first unpublished chain to this position. */
    int withheldDescriptors(int position) {
        return distance(publishedPosition, position, sizeEntries);
    }

    /** The next chains, to be filled. */
    long[] staged() {
        return staged;
    }

    /**
     * Commits staged chains: writes them to the log, and then their used descriptors, but for the first one since the last time:
     * the driver looks at that one only, and so sees none.
     *
     * @param after where the chain after them starts
     */
    void commit(int chains, int after) {
        boolean first = logged == 0;
        if (usesBatches) {
            unpublishedEntry = RedoLog.moved(staged[chains - 1], publishedPosition);
            log.set(LOG_ENTRY, RedoLog.entryOffset(logged), unpublishedEntry);
            logged++;
            RedoLog.count(log, logged, after);
            return;
        }
        if (first) {
            unpublishedEntry = staged[0];
        }
        RedoLog.write(log, logged, staged, chains);
        logged += chains;
        RedoLog.count(log, logged, after);
        use(first ? 1 : 0, chains);
    }

    private void use(int from, int to) {
        MemorySegment descriptors = ring; // see PackedAvailable.look
        long[] entries = staged;
        int size = sizeEntries;
        int flags = flag;
        for (int i = from; i < to; i++) {
            PackedDescriptors.use(descriptors, size, flags, entries[i]);
        }
    }

    /**
     * Shows the driver all that is committed.
     *
     * @param position where the next chain starts
     * @return whether the driver wants to be called for it
     */
    boolean publish(int position) {
        if (logged == 0) {
            return false;
        }
        // Release: the other descriptors and the buffers' contents are seen before the first one. A fence and a plain
        // store: see SplitVirtqueue. Aligned to 8 bytes, so that length, id and flags are seen at once.
        VarHandle.releaseFence();
        PackedDescriptors.use(ring, sizeEntries, flag, unpublishedEntry);
        // The driver writes its wish, then looks for used descriptors; we the other way round (2.8.14).
        VarHandle.fullFence();
        int before = publishedPosition;
        logged = 0;
        publishedPosition = position;
        RedoLog.count(log, 0, position);
        return wantsEvent(driverEvent.get(INT, 0), eventIndex, before, position, sizeEntries);
    }
}

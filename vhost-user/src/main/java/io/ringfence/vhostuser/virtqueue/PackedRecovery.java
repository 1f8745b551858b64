package io.ringfence.vhostuser.virtqueue;

import static io.ringfence.vhostuser.virtqueue.DescriptorLayout.DESCRIPTOR_LENGTH;
import static io.ringfence.vhostuser.virtqueue.PackedLayout.*;

import io.ringfence.vhostuser.memory.FilePlace;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * Where a packed queue goes on whose last device may have died: by what its {@link RedoLog} and its ring say, and by what the
 * front-end says of its base.
 *
 * <p>For one start of the queue, by its owner, before it takes anything. What it does is the same when it is done again, for the
 * guest's memory may be lost in the middle of it.
 */
final class PackedRecovery {
    /** No position. */
    static final int NOWHERE = -1;

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

    private final MemorySegment ring;
    private final MemorySegment deviceEvent;
    private final RedoLog redoLog;
    private final int sizeEntries;
    private final int usedFlag;
    private final boolean usesBatches;
    private final int told;

    /**
     * Where to go on.
     *
     * @param position where the device before would have
     * @param strangeFrom from where on the ring shows what a device of another kind has used meanwhile: ahead of the position, or {@link
     *     #NOWHERE}
     * @param strangeTo where this one goes on when it has come there
     * @param afterAnother whether there was a device before
     */
    record Place(int position, int strangeFrom, int strangeTo, boolean afterAnother) {}

    /**
     * @param usedFlag what a used descriptor says besides whose it is
     * @param usesBatches whether a batch is used by one descriptor (IN_ORDER)
     * @param told where the front-end says that the queue is
     */
    PackedRecovery(
            MemorySegment ring,
            MemorySegment deviceEvent,
            RedoLog redoLog,
            int sizeEntries,
            int usedFlag,
            boolean usesBatches,
            int told) {
        this.ring = ring;
        this.deviceEvent = deviceEvent;
        this.redoLog = redoLog;
        this.sizeEntries = sizeEntries;
        this.usedFlag = usedFlag;
        this.usesBatches = usesBatches;
        this.told = told;
    }

    /** Finds the place, and shows the driver what was counted in the log but not shown; null if log and ring contradict each other. */
    @Nullable
    Place find(FilePlace ringPlace) {
        if (isSetUpAnew(ringPlace)) {
            redoLog.begin(ringPlace, told);
            return new Place(told, NOWHERE, NOWHERE, false);
        }
        return redoLog.isPlausible() ? resume() : null;
    }

    /**
     * Whether the ring is not the one of the log, or is new although it lies where that one did.
     *
     * <p>A new one is zero, with its event suppression. But a guest may have been reset while there was no back-end, and QEMU itself
     * writes event suppression then, as the device that it is meanwhile. So the ring must also show the used descriptor by which the
     * last batch begins, or that the driver has used its place again.
     */
    private boolean isSetUpAnew(FilePlace ringPlace) {
        if (deviceEvent.get(INT, 0) == 0 || !redoLog.covers(ringPlace)) {
            return true;
        }
        int after = redoLog.position();
        boolean counted = redoLog.entries() > 0;
        if (!redoLog.isPlausible() || (!counted && after == told)) {
            return false; // the one is to be told; for the other, both come to the same
        }
        int first = RedoLog.positionOf(redoLog.entry(0));
        if (isAvailable(first)) {
            // Else a batch that was written to the log, and counted perhaps, but not shown.
            return !counted && first != after;
        }
        // Else the flags are zero because all is.
        boolean written = ring.get(LONG, (long) DESCRIPTOR_LENGTH * slot(first, sizeEntries)) != 0;
        if (isUsed(first)) {
            return !written;
        }
        // Available again, or used again by QEMU: the driver has been around, so that what is behind the batch is one
        // of both, too.
        int nextRound = advance(first, sizeEntries, sizeEntries);
        boolean again = isAvailable(nextRound) || (written && isStrange(nextRound));
        return !again || !(isAvailable(after) || isStrange(after));
    }

    /**
     * Goes on where the log says that the device is.
     *
     * <p>A batch in the log has been shown unless its descriptors are still what the driver made available: once shown, those flags
     * cannot come back before the device has gone around.
     *
     * <p>But when a back-end dies, QEMU is the device until the guest knows that its link is down: it drops what is available in a
     * transmit queue (virtio_net_drop_tx_queue_data), from where it believes that one to be: where it said so when the dead one began,
     * for it has learned nothing since. Most often nothing is available there, but that place may be in the midst of what is. How far
     * it came is what it says now; what lies between is left out.
     */
    private @Nullable Place resume() {
        int after = redoLog.position();
        int from = redoLog.told();
        int entries = redoLog.entries();
        int first = RedoLog.positionOf(redoLog.entry(0));
        // A front-end may also know where the driver is, which has seen the last batch, or has not.
        boolean moved = told != from && told != after && !(entries > 0 && told == first);
        // Whoever went past the place has used what was there, and perhaps the driver has used it again.
        boolean passed = moved
                && distance(from, told, sizeEntries) > distance(from, after, sizeEntries)
                && (isUsed(after) || isAvailable(advance(after, sizeEntries, sizeEntries)));
        if (!(passed && from == first)) {
            redo(entries); // else all of it has been used, and the driver may be anywhere
        }
        int position = passed ? told : after;
        if (isUsed(position)) {
            return null;
        }
        int ahead = distance(after, from, sizeEntries);
        boolean later = moved && !passed && ahead > 0 && ahead < sizeEntries && isUsed(from);
        // While something is to be left out, the log says where that begins. And if the front-end says just where this
        // device was, with nothing unshown, it has that from the ring, or the queue was only suspended by this process:
        // QEMU still believes what it did.
        boolean toldNothing = told == after && entries == 0;
        redoLog.place(position, later || toldNothing ? from : told);
        return new Place(position, later ? from : NOWHERE, later ? told : NOWHERE, true);
    }

    /** Does once more what commit and publish do, as far as it is not done. */
    private void redo(int entries) {
        for (int i = 1; i < entries && !usesBatches; i++) {
            useIfAvailable(redoLog.entry(i));
        }
        VarHandle.releaseFence(); // as when it is published: the others before the first
        if (entries > 0) {
            useIfAvailable(redoLog.entry(usesBatches ? entries - 1 : 0));
        }
    }

    private void useIfAvailable(long entry) {
        int at = RedoLog.positionOf(entry);
        if (isAvailable(at)) {
            PackedDescriptors.use(ring, sizeEntries, usedFlag, entry);
        }
    }

    /** Whether a position shows a used descriptor which can be QEMU's. */
    private boolean isStrange(int at) {
        int from = redoLog.told();
        return distance(from, at, sizeEntries) < distance(from, told, sizeEntries) && isUsed(at);
    }

    private boolean isUsed(int at) {
        return PackedDescriptors.ownerAt(ring, slot(at, sizeEntries)) == usedFlags(at, sizeEntries);
    }

    private boolean isAvailable(int at) {
        return PackedDescriptors.ownerAt(ring, slot(at, sizeEntries)) == availableFlags(at, sizeEntries);
    }
}

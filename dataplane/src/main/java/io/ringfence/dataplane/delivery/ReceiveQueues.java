package io.ringfence.dataplane.delivery;

import io.ringfence.dataplane.telemetry.Counter;
import io.ringfence.dataplane.telemetry.Tally;
import io.ringfence.vhostuser.memory.GuestMemory;
import io.ringfence.vhostuser.memory.MemoryProbe;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The enabled receive queues of a VM, or of one of its workers, and what was put into them. Belongs to the holder of the {@link Claim}. */
final class ReceiveQueues {
    private static final ReceiveQueue[] NONE = {};

    private final int workers;
    private final Tally tally;
    private ReceiveQueue[] queues = NONE;
    private final @Nullable ReceiveQueue[] queueOfFlow = new ReceiveQueue[ReceiveSide.FLOWS];
    private GuestMemory memory = GuestMemory.empty();
    private long receivedFrames;
    private long receivedBytes;

    /**
     * @param workers among how many workers of the VM flows have been spread before
     * @param tally counts what is received
     */
    ReceiveQueues(int workers, Tally tally) {
        this.workers = workers;
        this.tally = tally;
    }

    boolean isEmpty() {
        return queues.length == 0;
    }

    /** Puts these in force. */
    void replace(List<ReceiveQueue> replacement, GuestMemory behindThem) {
        use(replacement.toArray(ReceiveQueue[]::new));
        memory = behindThem;
        disarm();
    }

    private void use(ReceiveQueue[] replacement) {
        queues = replacement;
        for (int flow = 0; flow < ReceiveSide.FLOWS; flow++) {
            queueOfFlow[flow] = queues.length == 0 ? null : queues[flow / workers % queues.length];
        }
    }

    /** The queue for a flow; null if there is none. */
    @Nullable
    ReceiveQueue of(int flow) {
        return queueOfFlow[flow % ReceiveSide.FLOWS];
    }

    /** Whether one of these flows ({@link BacklogSigns#flows}) goes to another queue than this one. */
    boolean anyGoesElsewhere(int flows, ReceiveQueue queue) {
        int left = queues.length > 1 ? flows : 0;
        for (int flow = 0; left != 0; flow++, left >>>= 1) {
            if ((left & 1) != 0 && queueOfFlow[flow] != queue) {
                return true;
            }
        }
        return false;
    }

    /** Counts frames that were put into a queue. */
    void countReceived(int frames, long lengthBytes) {
        receivedFrames += frames;
        receivedBytes += lengthBytes;
    }

    /** Shows the guest what was put in, and counts it. */
    void publish() {
        if (receivedFrames > 0) {
            tally.add(Counter.RECEIVED_FRAMES, receivedFrames);
            tally.add(Counter.RECEIVED_BYTES, receivedBytes);
            receivedFrames = 0;
            receivedBytes = 0;
        }
        for (ReceiveQueue queue : queues) {
            queue.publish();
        }
        tally.flush();
    }

    /** Asks the guest not to kick for posted buffers. */
    void disarm() {
        for (ReceiveQueue queue : queues) {
            queue.virtqueue.disarm();
        }
    }

    /**
     * Whether the memory behind them is gone, or what was in hand of it cannot be accessed, as far as the probe lasts. What was in
     * hand first: it is little, and most likely.
     *
     * @param lastUsed what may have written to them last
     */
    boolean fault(MemoryProbe probe, FrameWriter... lastUsed) {
        if (memory.truncated()) {
            return true;
        }
        for (FrameWriter writer : lastUsed) {
            if (writer.faults(memory, probe)) {
                return true;
            }
        }
        for (ReceiveQueue queue : queues) {
            if (queue.lastFaults(memory, probe)) {
                return true;
            }
        }
        for (ReceiveQueue queue : queues) {
            if (queue.nextFault(memory, probe)) {
                return true;
            }
        }
        return false;
    }

    /** Gives them up: their memory is gone. */
    void giveUp() {
        use(NONE);
        tally.add(Counter.DROPPED_MEMORY_LOST, receivedFrames); // in the buffers, but never shown to the guest
        receivedFrames = 0;
        receivedBytes = 0;
        tally.flush();
    }
}

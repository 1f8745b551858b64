package io.ringfence.dataplane.port;

import io.ringfence.dataplane.delivery.ReceiveSide;
import io.ringfence.dataplane.telemetry.Counter;
import io.ringfence.dataplane.telemetry.Tally;
import io.ringfence.vhostuser.backend.DeviceState;
import io.ringfence.vhostuser.virtqueue.RingFault;
import io.ringfence.vhostuser.virtqueue.Virtqueue;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/** The queues of a VM that were stopped because the guest broke a rule, each of which is told of once. Owned by the VM's worker. */
final class QueueFaults {
    private final ReceiveSide receive;
    private final Tally tally;
    /** By index of the queue. */
    private final BitSet told = new BitSet();
    /** Whether a receive queue may be among those that were not told. */
    private boolean receiveFaults;

    QueueFaults(ReceiveSide receive, Tally tally) {
        this.receive = receive;
        this.tally = tally;
    }

    /** The queues are these now; a fault that one has already comes from an earlier state, where it was told. */
    void reset(DeviceState state) {
        told.clear();
        for (Virtqueue queue : state.queues()) {
            told.set(queue.setup().index(), queue.fault() != null);
        }
    }

    /** A fault that was not told yet, in words; null if there is none more. */
    @Nullable
    String next(TransmitQueue[] transmit, DeviceState state) {
        for (TransmitQueue queue : transmit) {
            String words = tell(queue.virtqueue);
            if (words != null) {
                return words;
            }
        }
        receiveFaults |= receive.takeQueueFault();
        return receiveFaults ? nextOfReceive(state) : null;
    }

    private @Nullable String nextOfReceive(DeviceState state) {
        for (Virtqueue queue : state.queues()) {
            String words = queue.setup().receives() ? tell(queue) : null;
            if (words != null) {
                return words;
            }
        }
        receiveFaults = false;
        return null;
    }

    private @Nullable String tell(Virtqueue queue) {
        RingFault fault = queue.fault();
        int index = queue.setup().index();
        if (fault == null || told.get(index)) {
            return null;
        }
        told.set(index);
        tally.add(Counter.QUEUE_FAULTS, 1);
        return "queue %d stopped: %s".formatted(index, fault.reason());
    }
}

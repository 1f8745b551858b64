package io.ringfence.bench.device;

import io.ringfence.vhostuser.backend.Device;
import io.ringfence.vhostuser.backend.DeviceOffer;
import io.ringfence.vhostuser.backend.DeviceState;
import io.ringfence.vhostuser.backend.SessionControl;
import io.ringfence.vhostuser.protocol.Features;
import io.ringfence.vhostuser.protocol.ProtocolFeatures;
import io.ringfence.vhostuser.virtqueue.Virtqueue;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * A guest's end of a switch: one pair of queues, owned by one thread, which takes on what the session's event loop has changed
 * when it comes by.
 */
public abstract class QueuePairDevice implements Device {
    private record Change(DeviceState state, Runnable applied) {}

    private final DeviceOffer offer;
    private final Queue<Change> changes = new ConcurrentLinkedQueue<>();
    private @Nullable Virtqueue receive;
    private @Nullable Virtqueue transmit;

    /** For one session after the other, with split queues and without offloads. */
    protected QueuePairDevice(int mtu) {
        offer = new DeviceOffer(
                Features.VERSION_1 | Features.NET_MRG_RXBUF | Features.INDIRECT_DESC | Features.EVENT_IDX,
                ProtocolFeatures.REPLY_ACK | ProtocolFeatures.CONFIGURE_MEM_SLOTS | ProtocolFeatures.STATUS,
                1,
                mtu);
    }

    @Override
    public final DeviceOffer offer() {
        return offer;
    }

    @Override
    public final void opened(SessionControl session) {}

    @Override
    public final void configure(DeviceState state, Runnable applied) {
        changes.add(new Change(state, applied));
        onChange();
    }

    @Override
    public final void announce(byte[] macAddress) {}

    @Override
    public final void closed(String reason) {}

    /** Told on the event loop that there is something to take on. */
    protected void onChange() {}

    /** The thread has begun to serve this queue. */
    protected abstract void begun(Virtqueue queue);

    /** The thread will serve this queue no longer, or its successor instead. */
    protected void left(Virtqueue queue) {}

    /** By the thread that owns the queues: takes on what the session has changed. */
    public final void applyChanges() {
        for (Change change = changes.poll(); change != null; change = changes.poll()) {
            receive = next(receive, change.state(), true);
            transmit = next(transmit, change.state(), false);
            change.applied().run();
        }
    }

    private @Nullable Virtqueue next(@Nullable Virtqueue before, DeviceState state, boolean receiving) {
        if (before != null) {
            left(before);
        }
        for (Virtqueue queue : state.queues()) {
            if (queue.setup().receives() == receiving && queue.setup().enabled()) {
                if (before != null
                        && before.setup().generation() == queue.setup().generation()) {
                    queue.continueFrom(before);
                }
                begun(queue);
                return queue;
            }
        }
        return null;
    }

    /** The queue on which the guest receives; null while there is none. */
    public final @Nullable Virtqueue receiveQueue() {
        return receive;
    }

    /** The queue on which the guest transmits; null while there is none. */
    public final @Nullable Virtqueue transmitQueue() {
        return transmit;
    }
}

package io.ringfence.dataplane.port;

import io.ringfence.dataplane.delivery.ReceiveQueue;
import io.ringfence.dataplane.offload.Offloads;
import io.ringfence.vhostuser.backend.DeviceState;
import io.ringfence.vhostuser.virtqueue.Virtqueue;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The queues of a VM as its port uses them.
 *
 * @param transmit all that are started
 * @param receive those that are enabled, too
 * @param polled whether the guest never kicks for one of them
 */
record GuestQueues(List<TransmitQueue> transmit, List<ReceiveQueue> receive, boolean polled) {
    private static final long FEATURE_MRG_RXBUF = 1L << 15;
    private static final long FEATURE_VERSION_1 = 1L << 32;

    /** Those of a state; which go on from where they were in an earlier one, unless they were started anew since. */
    static GuestQueues of(DeviceState state, DeviceState earlier) {
        long features = state.features();
        boolean mergeable = (features & FEATURE_MRG_RXBUF) != 0;
        int headerLength = mergeable || (features & FEATURE_VERSION_1) != 0 ? 12 : 10;
        List<TransmitQueue> transmit = new ArrayList<>();
        List<ReceiveQueue> receive = new ArrayList<>();
        boolean polled = false;
        for (Virtqueue queue : state.queues()) {
            Virtqueue before = queueIn(earlier, queue.setup().index());
            if (before != null && before.setup().generation() == queue.setup().generation()) {
                queue.continueFrom(before);
            }
            // Without a kick descriptor "polling should be used instead of waiting for the kick"
            // (VHOST_USER_SET_VRING_KICK).
            polled |= queue.setup().kick() == null;
            if (!queue.setup().receives()) {
                transmit.add(new TransmitQueue(queue, headerLength, Offloads.ofSender(features)));
            } else if (queue.setup().enabled()) {
                receive.add(new ReceiveQueue(queue, headerLength, mergeable, Offloads.ofReceiver(features)));
            }
        }
        return new GuestQueues(transmit, receive, polled);
    }

    private static @Nullable Virtqueue queueIn(DeviceState state, int index) {
        for (Virtqueue queue : state.queues()) {
            if (queue.setup().index() == index) {
                return queue;
            }
        }
        return null;
    }
}

package io.ringfence.dataplane.control;

import io.ringfence.vhostuser.backend.DeviceState;
import io.ringfence.vhostuser.frontend.QueueOptions;
import io.ringfence.vhostuser.frontend.ReceiveQueue;
import io.ringfence.vhostuser.frontend.SharedMemory;
import io.ringfence.vhostuser.frontend.TransmitQueue;
import io.ringfence.vhostuser.memory.GuestMemory;
import io.ringfence.vhostuser.memory.MemoryRegion;
import io.ringfence.vhostuser.virtqueue.SplitVirtqueue;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.util.List;

/** A guest without a session: its queues are given to a port directly. It warms the packet path up before any VM is there. */
final class SyntheticGuest implements AutoCloseable {
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

    private final SharedMemory memory;
    private final MemoryRegion region;
    private final TransmitQueue transmit;
    private final ReceiveQueue receive;
    private final DeviceState state;

    SyntheticGuest(QueueOptions options, long features) throws IOException {
        memory = SharedMemory.create(Math.max(1 << 20, 4 * options.memoryLengthBytes()));
        region = MemoryRegion.map(
                memory.duplicateFd(), memory.guestAddress(0), memory.lengthBytes(), memory.userAddress(0), 0);
        transmit = new TransmitQueue(memory, options, features);
        receive = new ReceiveQueue(memory, options, features);
        receive.startPosting();
        GuestMemory table = new GuestMemory(List.of(region));
        state = new DeviceState(
                features,
                table,
                List.of(
                        new SplitVirtqueue(receive.rings().setup(0), table, features),
                        new SplitVirtqueue(transmit.rings().setup(1), table, features)));
    }

    /** What a session would have told the port. */
    DeviceState state() {
        return state;
    }

    /** Offers frames until the queue is full or so many are in it; returns how many. */
    int offer(int frames, long destination, long source, int lengthBytes) {
        int offered = 0;
        while (offered < frames) {
            long at = transmit.claim(lengthBytes);
            if (at < 0) {
                break;
            }
            memory.segment().set(LONG, at, destination | source << 48);
            memory.segment().set(LONG, at + 8, source >>> 16 | 0x0008L << 32);
            transmit.commit();
            offered++;
        }
        transmit.flush();
        return offered;
    }

    /** Takes what was received; returns how many frames. */
    int take(int limit) {
        return receive.poll((segment, offset, length) -> {}, limit);
    }

    @Override
    public void close() {
        transmit.close();
        receive.close();
        memory.close();
        region.close();
    }
}

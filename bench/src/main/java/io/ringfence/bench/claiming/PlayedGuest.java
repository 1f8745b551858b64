package io.ringfence.bench.claiming;

import io.ringfence.vhostuser.frontend.DriverQueue;
import io.ringfence.vhostuser.frontend.QueueOptions;
import io.ringfence.vhostuser.frontend.ReceiveQueue;
import io.ringfence.vhostuser.frontend.SharedMemory;
import io.ringfence.vhostuser.frontend.TransmitQueue;
import io.ringfence.vhostuser.linux.FileDescriptors;
import io.ringfence.vhostuser.memory.GuestMemory;
import io.ringfence.vhostuser.memory.MemoryRegion;
import io.ringfence.vhostuser.protocol.Features;
import io.ringfence.vhostuser.virtqueue.QueueSetup;
import io.ringfence.vhostuser.virtqueue.SplitVirtqueue;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/** A guest with one queue, and the memory in which that lies; it polls. The queue's driver belongs to one thread at a time. */
sealed class PlayedGuest implements AutoCloseable {
    static final long FEATURES = Features.VERSION_1 | Features.EVENT_IDX | Features.NET_MRG_RXBUF;

    final SharedMemory memory;
    private final MemoryRegion region;
    private final GuestMemory table;

    private PlayedGuest(QueueOptions options) {
        memory = SharedMemory.create(Math.max(1 << 20, 2 * options.memoryLengthBytes()));
        try {
            region = map(memory);
        } catch (RuntimeException | Error e) {
            memory.close();
            throw e;
        }
        table = new GuestMemory(List.of(region));
    }

    private static MemoryRegion map(SharedMemory memory) {
        try (FileDescriptors own = new FileDescriptors()) {
            own.add(memory.duplicateFd());
            MemoryRegion region = MemoryRegion.map(
                    own.first(), memory.guestAddress(0), memory.lengthBytes(), memory.userAddress(0), 0);
            int ignored = own.takeFirst();
            return region;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What a session would have told the device about its memory. */
    GuestMemory table() {
        return table;
    }

    @Override
    public void close() {
        memory.close();
        region.close();
    }

    /** One that receives; its buffers are posted. */
    static final class Receiving extends PlayedGuest {
        private final ReceiveQueue queue;

        Receiving(QueueOptions options) {
            super(options);
            try {
                queue = new ReceiveQueue(memory, options.withPolling(), FEATURES);
            } catch (RuntimeException | Error e) {
                super.close();
                throw e;
            }
            queue.startPosting();
        }

        ReceiveQueue queue() {
            return queue;
        }

        QueueSetup setup() {
            return queue.rings().setup(0);
        }

        SharedQueue shared() {
            return new SharedQueue(setup(), table(), FEATURES);
        }

        @Override
        public void close() {
            queue.close();
            super.close();
        }
    }

    /** One that transmits. */
    static final class Transmitting extends PlayedGuest {
        private final TransmitQueue queue;

        Transmitting(QueueOptions options) {
            super(options);
            try {
                queue = new TransmitQueue(memory, options.withPolling(), FEATURES);
            } catch (RuntimeException | Error e) {
                super.close();
                throw e;
            }
        }

        TransmitQueue queue() {
            return queue;
        }

        /** The device's side of the queue; for one owner. */
        SplitVirtqueue device() {
            DriverQueue rings = queue.rings();
            SplitVirtqueue device = new SplitVirtqueue(rings.setup(1), table(), FEATURES);
            device.disarm();
            return device;
        }

        @Override
        public void close() {
            queue.close();
            super.close();
        }
    }
}

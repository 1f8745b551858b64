package io.ringfence.bench.peer;

import java.nio.file.Path;

/** A virtual device of DPDK: one end of a vhost-user socket. */
public sealed interface Vdev {
    /** The socket. */
    Path socket();

    /** The number of queue pairs. */
    int queuePairs();

    /** The device arguments as DPDK's {@code --vdev} takes them. */
    String arguments(int index);

    /**
     * The front-end (driver side): DPDK's virtio-user.
     *
     * @param server whether it listens on the socket and the switch connects, instead of the other way round
     */
    record VirtioUser(
            Path socket,
            String mac,
            boolean server,
            boolean mergeableBuffers,
            boolean inOrder,
            boolean packed,
            boolean vectorized,
            int queuePairs)
            implements Vdev {
        /** The most descriptors that a virtqueue of it can have. */
        private static final int QUEUE_SIZE = 1024;

        /** One queue pair of 1024 descriptors, split rings, mergeable buffers, in order; connects to the switch. */
        public static VirtioUser at(Path socket, String mac) {
            return new VirtioUser(socket, mac, false, true, true, false, false, 1);
        }

        /** The same device, listening or connecting. */
        public VirtioUser withServer(boolean listens) {
            return new VirtioUser(socket, mac, listens, mergeableBuffers, inOrder, packed, vectorized, queuePairs);
        }

        /** The same device, with mergeable receive buffers (VIRTIO_NET_F_MRG_RXBUF) offered or not. */
        public VirtioUser withMergeableBuffers(boolean offered) {
            return new VirtioUser(socket, mac, server, offered, inOrder, packed, vectorized, queuePairs);
        }

        /** The same device, with VIRTIO_F_IN_ORDER offered or not. */
        public VirtioUser withInOrder(boolean offered) {
            return new VirtioUser(socket, mac, server, mergeableBuffers, offered, packed, vectorized, queuePairs);
        }

        /** The same device, with packed virtqueues (VIRTIO_F_RING_PACKED) offered or not. */
        public VirtioUser withPacked(boolean offered) {
            return new VirtioUser(socket, mac, server, mergeableBuffers, inOrder, offered, vectorized, queuePairs);
        }

        /** The same device, with a driver that handles several descriptors by one instruction where the CPU can, or not. */
        public VirtioUser withVectorized(boolean wanted) {
            return new VirtioUser(socket, mac, server, mergeableBuffers, inOrder, packed, wanted, queuePairs);
        }

        /** The same device with so many queue pairs. */
        public VirtioUser withQueuePairs(int pairs) {
            return new VirtioUser(socket, mac, server, mergeableBuffers, inOrder, packed, vectorized, pairs);
        }

        @Override
        public String arguments(int index) {
            // DPDK insists on the control queue as soon as there are several queue pairs.
            return "net_virtio_user%d,path=%s,mac=%s,server=%d,mrg_rxbuf=%d,in_order=%d,packed_vq=%d,vectorized=%d,queues=%d,cq=%d,queue_size=%d"
                    .formatted(
                            index,
                            socket,
                            mac,
                            bit(server),
                            bit(mergeableBuffers),
                            bit(inOrder),
                            bit(packed),
                            bit(vectorized),
                            queuePairs,
                            bit(queuePairs > 1),
                            QUEUE_SIZE);
        }
    }

    /**
     * The back-end (device side): DPDK's vhost poll-mode driver, with which testpmd is a switch.
     *
     * @param client whether it connects to a socket that the front-end listens on
     * @param offloads whether it offers segmentation offloads, and leaves checksums alone
     */
    record Vhost(Path socket, boolean client, int queuePairs, boolean offloads) implements Vdev {
        /** Without offloads. */
        public Vhost(Path socket, boolean client, int queuePairs) {
            this(socket, client, queuePairs, false);
        }

        /** One queue pair; listens; no offloads. */
        public static Vhost at(Path socket) {
            return new Vhost(socket, false, 1);
        }

        /** The same device with offloads. */
        public Vhost withOffloads() {
            return new Vhost(socket, client, queuePairs, true);
        }

        @Override
        public String arguments(int index) {
            return "net_vhost%d,iface=%s,client=%d,queues=%d,tso=%d"
                    .formatted(index, socket, bit(client), queuePairs, bit(offloads));
        }
    }

    private static int bit(boolean value) {
        return value ? 1 : 0;
    }
}

package io.ringfence.interop;

import io.ringfence.bench.peer.Vdev;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** One way of DPDK's virtio-user front-end to talk to a switch. */
record DpdkVariant(boolean frontEndListens, boolean mergeableBuffers, boolean inOrder, int queuePairs, int frameBytes) {
    static final String FIRST_MAC = "52:54:00:00:00:01";
    static final String SECOND_MAC = "52:54:00:00:00:02";

    /** Every option in both settings beside the defaults of the others, and the combinations that take other paths. */
    static Stream<DpdkVariant> all() {
        return Stream.of(false, true)
                .flatMap(listens -> Stream.of(64, 1518)
                        .flatMap(bytes -> Stream.of(
                                new DpdkVariant(listens, true, true, 1, bytes),
                                new DpdkVariant(listens, false, true, 1, bytes),
                                new DpdkVariant(listens, true, false, 1, bytes),
                                new DpdkVariant(listens, false, false, 1, bytes),
                                new DpdkVariant(listens, true, true, 4, bytes),
                                new DpdkVariant(listens, false, false, 4, bytes))));
    }

    /** The pair of devices, whose sockets are a.sock and b.sock in the folder. */
    List<Vdev.VirtioUser> devices(Path folder) {
        return List.of(device(folder.resolve("a.sock"), FIRST_MAC), device(folder.resolve("b.sock"), SECOND_MAC));
    }

    private Vdev.VirtioUser device(Path socket, String mac) {
        return Vdev.VirtioUser.at(socket, mac)
                .withServer(frontEndListens)
                .withMergeableBuffers(mergeableBuffers)
                .withInOrder(inOrder)
                .withQueuePairs(queuePairs);
    }

    @Override
    public String toString() {
        return "front-end %s, mrg_rxbuf=%d, in_order=%d, %d queue pair(s), %d bytes"
                .formatted(
                        frontEndListens ? "listens" : "connects",
                        mergeableBuffers ? 1 : 0,
                        inOrder ? 1 : 0,
                        queuePairs,
                        frameBytes);
    }
}

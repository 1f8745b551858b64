package io.ringfence.interop;

import io.ringfence.bench.peer.Vdev;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** One way of DPDK's virtio-user front-end to talk to a switch. */
record DpdkVariant(
        boolean frontEndListens,
        Rings rings,
        boolean mergeableBuffers,
        boolean inOrder,
        int queuePairs,
        int frameBytes) {
    /** The layout of the virtqueues, and how the driver works on them. */
    enum Rings {
        SPLIT(""),
        PACKED("packed_vq=1, "),
        /** DPDK uses it with IN_ORDER and without MRG_RXBUF only, and on CPUs that have AVX-512. */
        PACKED_VECTORIZED("packed_vq=1, vectorized=1, ");

        private final String arguments;

        Rings(String arguments) {
            this.arguments = arguments;
        }
    }

    static final String FIRST_MAC = "52:54:00:00:00:01";
    static final String SECOND_MAC = "52:54:00:00:00:02";

    /** Every option in both settings beside the defaults of the others, and the combinations that take other paths. */
    static Stream<DpdkVariant> all() {
        return Stream.concat(split(), packed());
    }

    private static Stream<DpdkVariant> split() {
        return Stream.of(false, true)
                .flatMap(listens -> Stream.of(64, 1518)
                        .flatMap(bytes -> Stream.of(
                                new DpdkVariant(listens, Rings.SPLIT, true, true, 1, bytes),
                                new DpdkVariant(listens, Rings.SPLIT, false, true, 1, bytes),
                                new DpdkVariant(listens, Rings.SPLIT, true, false, 1, bytes),
                                new DpdkVariant(listens, Rings.SPLIT, false, false, 1, bytes),
                                new DpdkVariant(listens, Rings.SPLIT, true, true, 4, bytes),
                                new DpdkVariant(listens, Rings.SPLIT, false, false, 4, bytes))));
    }

    private static Stream<DpdkVariant> packed() {
        return Stream.of(64, 1518)
                .flatMap(bytes -> Stream.of(
                        new DpdkVariant(false, Rings.PACKED, true, true, 1, bytes),
                        new DpdkVariant(false, Rings.PACKED, false, true, 1, bytes),
                        new DpdkVariant(false, Rings.PACKED, true, false, 1, bytes),
                        new DpdkVariant(false, Rings.PACKED, false, false, 1, bytes),
                        new DpdkVariant(false, Rings.PACKED_VECTORIZED, false, true, 1, bytes),
                        new DpdkVariant(true, Rings.PACKED, true, false, 4, bytes)));
    }

    /** The pair of devices, whose sockets are a.sock and b.sock in the folder. */
    List<Vdev.VirtioUser> devices(Path folder) {
        return List.of(device(folder.resolve("a.sock"), FIRST_MAC), device(folder.resolve("b.sock"), SECOND_MAC));
    }

    /** What testpmd says, of both ports, of the code that it chose for what was negotiated. */
    List<String> paths() {
        return IntStream.range(0, 2)
                .boxed()
                .flatMap(port -> Stream.of(receivePath(), transmitPath())
                        .map(path -> "virtio: using %s path on port %d".formatted(path, port)))
                .toList();
    }

    private String receivePath() {
        return switch (rings) {
            case SPLIT -> inOrder ? "inorder Rx" : mergeableBuffers ? "mergeable buffer Rx" : "standard Rx";
            case PACKED -> mergeableBuffers ? "packed ring mergeable buffer Rx" : "packed ring standard Rx";
            case PACKED_VECTORIZED -> "packed ring vectorized Rx";
        };
    }

    private String transmitPath() {
        return switch (rings) {
            case SPLIT -> inOrder ? "inorder Tx" : "standard Tx";
            case PACKED -> "packed ring standard Tx";
            case PACKED_VECTORIZED -> "packed ring vectorized Tx";
        };
    }

    private Vdev.VirtioUser device(Path socket, String mac) {
        return Vdev.VirtioUser.at(socket, mac)
                .withServer(frontEndListens)
                .withMergeableBuffers(mergeableBuffers)
                .withInOrder(inOrder)
                .withPacked(rings != Rings.SPLIT)
                .withVectorized(rings == Rings.PACKED_VECTORIZED)
                .withQueuePairs(queuePairs);
    }

    @Override
    public String toString() {
        return "front-end %s, %smrg_rxbuf=%d, in_order=%d, %d queue pair(s), %d bytes"
                .formatted(
                        frontEndListens ? "listens" : "connects",
                        rings.arguments,
                        mergeableBuffers ? 1 : 0,
                        inOrder ? 1 : 0,
                        queuePairs,
                        frameBytes);
    }
}

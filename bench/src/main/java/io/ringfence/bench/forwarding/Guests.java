package io.ringfence.bench.forwarding;

import io.ringfence.bench.peer.Vdev;
import io.ringfence.bench.traffic.Endpoint;
import io.ringfence.config.MacAddress;
import io.ringfence.vhostuser.frontend.QueueOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The two guests, as devices of testpmd and as those of the generator.
 *
 * @param folder of their sockets
 */
record Guests(Path folder, Rings rings) {
    private static final String A_MAC = "52:54:00:00:00:01";
    private static final String B_MAC = "52:54:00:00:00:02";
    /** As large as those of the virtio-user ports. */
    private static final int QUEUE_SIZE = 1024;

    private Path aSocket() {
        return folder.resolve("a.sock");
    }

    private Path bSocket() {
        return folder.resolve("b.sock");
    }

    /** As devices of testpmd, A first. */
    List<Vdev.VirtioUser> devices() {
        return List.of(device(aSocket(), A_MAC), device(bSocket(), B_MAC));
    }

    private Vdev.VirtioUser device(Path socket, String mac) {
        return Vdev.VirtioUser.at(socket, mac).withPacked(rings == Rings.PACKED);
    }

    /** As guests of the generator, A, called {@code a}, first. */
    List<Endpoint> endpoints() {
        return List.of(endpoint("a", A_MAC, B_MAC, aSocket()), endpoint("b", B_MAC, A_MAC, bSocket()));
    }

    private Endpoint endpoint(String name, String mac, String peerMac, Path socket) {
        QueueOptions queue = QueueOptions.ofSize(QUEUE_SIZE);
        Endpoint split = new Endpoint(name, MacAddress.parse(mac), MacAddress.parse(peerMac), socket)
                .withReceive(queue)
                .withTransmit(queue);
        return rings == Rings.PACKED ? split.withPackedRings() : split;
    }

    /** Removes what a switch left behind: DPDK does not listen on a socket file that it finds. */
    void removeSockets() throws IOException {
        Files.deleteIfExists(aSocket());
        Files.deleteIfExists(bSocket());
    }
}

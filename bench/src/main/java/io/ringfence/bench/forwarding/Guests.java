package io.ringfence.bench.forwarding;

import io.ringfence.bench.peer.Place;
import io.ringfence.bench.peer.Vdev;
import io.ringfence.bench.peer.Vm;
import io.ringfence.bench.traffic.Endpoint;
import io.ringfence.scheduler.CpuLimit;
import io.ringfence.vhostuser.frontend.QueueOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The two guests, as VMs of Ringfence, as devices of testpmd and as those of the generator.
 *
 * @param folder of their sockets
 * @param reserved for each
 */
record Guests(Path folder, Rings rings, HalfOfCpu reserved) {
    /** As large as those of the virtio-user ports. */
    private static final int QUEUE_SIZE = 1024;

    /** Those that use all of the switch's CPU that can be reserved. */
    static Guests at(Place place, Rings rings) {
        return new Guests(place.folder(), rings, HalfOfCpu.of(CpuLimit.read(place.switchCpu())));
    }

    /** As VMs, A, called {@code a}, first. */
    List<Vm> vms() {
        return List.of(vm("a", 1), vm("b", 2));
    }

    private Vm vm(String name, int number) {
        return new Vm(name, number, folder, reserved.runtime(), HalfOfCpu.PERIOD);
    }

    /** Their sockets. */
    List<Path> sockets() {
        return vms().stream().map(Vm::socket).toList();
    }

    /** As devices of testpmd. */
    List<Vdev.VirtioUser> devices() {
        return vms().stream()
                .map(vm -> Vdev.VirtioUser.at(vm.socket(), vm.mac().toString()).withPacked(rings == Rings.PACKED))
                .toList();
    }

    /** As guests of the generator, each sending to the other. */
    List<Endpoint> endpoints() {
        return List.of(endpoint(vms().getFirst(), 2), endpoint(vms().getLast(), 1));
    }

    private Endpoint endpoint(Vm vm, int peer) {
        QueueOptions queue = QueueOptions.ofSize(QUEUE_SIZE);
        Endpoint split = vm.sendingTo(peer).withReceive(queue).withTransmit(queue);
        return rings == Rings.PACKED ? split.withPackedRings() : split;
    }

    /** Removes what a switch left behind: DPDK does not listen on a socket file that it finds. */
    void removeSockets() throws IOException {
        for (Path socket : sockets()) {
            Files.deleteIfExists(socket);
        }
    }
}

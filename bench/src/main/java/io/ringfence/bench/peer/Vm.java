package io.ringfence.bench.peer;

import io.ringfence.bench.traffic.Endpoint;
import io.ringfence.config.MacAddress;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A VM of a benchmark, as Ringfence is configured for it and as the generator attaches it.
 *
 * @param number distinguishes it from the others of its network, from 1 on
 * @param folder of its socket
 * @param runtime of its worker, each period
 */
public record Vm(String name, int number, Path folder, Duration runtime, Duration period) {
    /** The address of the VM with this number. */
    public static MacAddress address(int number) {
        return MacAddress.parse("52:54:00:00:00:%02x".formatted(number));
    }

    /** Its address. */
    public MacAddress mac() {
        return address(number);
    }

    /** Its socket, on which the switch listens. */
    public Path socket() {
        return folder.resolve(name + ".sock");
    }

    /** How it attaches, and sends to the VM with that number unless told otherwise. */
    public Endpoint sendingTo(int peer) {
        return new Endpoint(name, mac(), address(peer), socket());
    }
}

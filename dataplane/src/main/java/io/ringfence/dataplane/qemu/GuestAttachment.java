package io.ringfence.dataplane.qemu;

import io.ringfence.config.MacAddress;
import io.ringfence.config.Network;
import io.ringfence.config.Role;
import io.ringfence.config.Vm;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;

/**
 * What a hypervisor has to know to attach a guest.
 *
 * @param vm as configured
 * @param network the VM's network
 * @param memoryMebibytes the guest's memory, all of it shared with Ringfence
 * @param vcpus the guest's CPUs
 * @param queuePairs pairs of receive and transmit queue, at most those configured
 */
public record GuestAttachment(Vm vm, Network network, int memoryMebibytes, int vcpus, int queuePairs) {
    /** What Linux uses for a virtio-net device without {@code VIRTIO_NET_F_MTU}. */
    private static final int DEFAULT_MTU = 1_500;

    /** QEMU's own prefix; locally administered, unicast. */
    private static final long MAC_PREFIX = 0x525400L << 24;

    /** Whether the hypervisor connects to the socket; otherwise it listens there. */
    boolean connects() {
        return vm.role() == Role.SERVER;
    }

    /** Whether the guest must be told the MTU. */
    boolean hasOwnMtu() {
        return network.mtuBytes() != DEFAULT_MTU;
    }

    /**
     * The guest's address: the configured one, else one made from the names. QEMU would give all guests the same, and a
     * network with two stations of one address does not work.
     */
    MacAddress mac() {
        return vm.mac().orElseGet(() -> {
            CRC32 hash = new CRC32();
            hash.update((network.name() + "/" + vm.name()).getBytes(StandardCharsets.US_ASCII));
            return new MacAddress(MAC_PREFIX | (hash.getValue() & 0xff_ffff));
        });
    }
}

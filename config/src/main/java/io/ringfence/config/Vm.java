package io.ringfence.config;

import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A VM and how it is attached.
 *
 * @param name unique among VMs
 * @param socket absolute path of the vhost-user socket, at most 107 bytes of printable ASCII
 * @param role which side of the socket Ringfence takes
 * @param network the name of a network of the same configuration
 * @param mac the only source address its frames may have; any, if empty
 * @param cpu one of the host's dataplane CPUs; chosen by admission, if empty
 * @param entitlement the CPU time of each of its workers, or the packets that the CPU time of its only one is derived from
 * @param limit what it may send at most; anything that its reservation carries, if empty
 * @param queuePairs the most pairs of receive and transmit queue that the front-end may use
 * @param workers how many workers share the queue pairs: pair <i>p</i> belongs to worker <i>p</i> modulo that; at most
 *     {@code queuePairs}
 * @param offloads whether checksum and segmentation offloads are offered to its guest
 * @param reclaim whether its workers may also use CPU time that others leave unused
 */
public record Vm(
        String name,
        Path socket,
        Role role,
        String network,
        Optional<MacAddress> mac,
        OptionalInt cpu,
        Entitlement entitlement,
        Optional<LimitSpec> limit,
        int queuePairs,
        int workers,
        boolean offloads,
        boolean reclaim) {}

package io.ringfence.bench.traffic;

import io.ringfence.config.MacAddress;
import io.ringfence.vhostuser.frontend.QueueOptions;
import java.nio.file.Path;

/**
 * Where a station attaches, to whom it sends, and how it lays out its queues.
 *
 * @param socket the vhost-user socket on which the back-end listens
 * @param mac its own address
 * @param peer the address that it sends to
 * @param receive layout of the receive queue; many descriptors of a byte each make a receiver dear
 * @param transmit layout of the transmit queue; many descriptors for each buffer make its frames dear
 */
public record Endpoint(
        String name, MacAddress mac, MacAddress peer, Path socket, QueueOptions receive, QueueOptions transmit) {
    private static final int QUEUE_SIZE = 256;

    public Endpoint {
        if (!name.matches("[A-Za-z0-9_.-]+")) {
            throw new IllegalArgumentException("station \"" + name + "\": expected letters, digits, `.`, `_` and `-`");
        }
    }

    /** One with queues like those of most guests. */
    public Endpoint(String name, MacAddress mac, MacAddress peer, Path socket) {
        this(name, mac, peer, socket, QueueOptions.ofSize(QUEUE_SIZE), QueueOptions.ofSize(QUEUE_SIZE));
    }

    /** The same with another receive queue. */
    public Endpoint withReceive(QueueOptions layout) {
        return new Endpoint(name, mac, peer, socket, layout, transmit);
    }

    /** The same with another transmit queue. */
    public Endpoint withTransmit(QueueOptions layout) {
        return new Endpoint(name, mac, peer, socket, receive, layout);
    }

    /** The same with every frame it sends spread over so many descriptors of an indirect table. */
    public Endpoint withDearFrames(int descriptors) {
        return withTransmit(transmit.withIndirectTables(descriptors));
    }

    /** The same with receive buffers of so many bytes, in descriptors of one byte each. */
    public Endpoint withOneByteDescriptors(int bufferLengthBytes) {
        return withReceive(receive.withBufferLength(bufferLengthBytes).withIndirectTables(bufferLengthBytes));
    }
}

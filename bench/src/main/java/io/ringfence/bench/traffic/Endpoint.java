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
 * @param offloads whether it negotiates checksum and segmentation offloads
 * @param listens whether it listens on the socket, and the back-end connects
 * @param packed whether its queues are packed
 */
public record Endpoint(
        String name,
        MacAddress mac,
        MacAddress peer,
        Path socket,
        QueueOptions receive,
        QueueOptions transmit,
        boolean offloads,
        boolean listens,
        boolean packed) {
    private static final int QUEUE_SIZE = 256;
    /** As long as Linux makes mergeable buffers at most, where large frames come: a page. */
    private static final int PAGE_LENGTH = 4096;

    /** Room for twice as many frames as the transmit queue holds: switches that drop what finds no room are to drop none. */
    private static final int LARGE_RECEIVE_QUEUE_SIZE = 1024;

    private static final int LARGE_FRAMES = 32;
    private static final int LARGE_BUFFER_LENGTH = 1 << 16;
    /** The header and as many pages as a socket buffer of Linux has at most. */
    private static final int LARGE_FRAME_DESCRIPTORS = 18;

    public Endpoint {
        if (!name.matches("[A-Za-z0-9_.-]+")) {
            throw new IllegalArgumentException("station \"" + name + "\": expected letters, digits, `.`, `_` and `-`");
        }
    }

    /** One with queues like those of most guests. */
    public Endpoint(String name, MacAddress mac, MacAddress peer, Path socket) {
        this(
                name,
                mac,
                peer,
                socket,
                QueueOptions.ofSize(QUEUE_SIZE),
                QueueOptions.ofSize(QUEUE_SIZE),
                false,
                false,
                false);
    }

    /** The same with another receive queue. */
    public Endpoint withReceive(QueueOptions layout) {
        return new Endpoint(name, mac, peer, socket, layout, transmit, offloads, listens, packed);
    }

    /** The same with another transmit queue. */
    public Endpoint withTransmit(QueueOptions layout) {
        return new Endpoint(name, mac, peer, socket, receive, layout, offloads, listens, packed);
    }

    /** The same that negotiates offloads, sends {@link LargeFrame}s in {@link #LARGE_FRAME_DESCRIPTORS} descriptors and receives them in pages. */
    public Endpoint withLargeFrames() {
        return new Endpoint(
                name,
                mac,
                peer,
                socket,
                QueueOptions.ofSize(LARGE_RECEIVE_QUEUE_SIZE).withBufferLength(PAGE_LENGTH),
                QueueOptions.ofSize(LARGE_FRAMES)
                        .withBufferLength(LARGE_BUFFER_LENGTH)
                        .withIndirectTables(LARGE_FRAME_DESCRIPTORS),
                true,
                listens,
                packed);
    }

    /** The same that negotiates offloads, with queues as they are. */
    public Endpoint withOffloads() {
        return new Endpoint(name, mac, peer, socket, receive, transmit, true, listens, packed);
    }

    /** The same, but the back-end connects to it. */
    public Endpoint withListening() {
        return new Endpoint(name, mac, peer, socket, receive, transmit, offloads, true, packed);
    }

    /** The same with packed queues. */
    public Endpoint withPackedRings() {
        return new Endpoint(name, mac, peer, socket, receive, transmit, offloads, listens, true);
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

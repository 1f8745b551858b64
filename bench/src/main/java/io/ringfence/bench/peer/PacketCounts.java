package io.ringfence.bench.peer;

/**
 * What testpmd counted, for one port or for all of them together.
 *
 * @param received frames taken from the receive queues
 * @param receiveDropped frames that the device reported as missed
 * @param transmitted frames put into the transmit queues
 * @param transmitDropped frames that testpmd threw away itself because the transmit queue was full
 */
public record PacketCounts(long received, long receiveDropped, long transmitted, long transmitDropped) {
    /** No frames. */
    public static final PacketCounts NONE = new PacketCounts(0, 0, 0, 0);

    /** The sum of both. */
    public PacketCounts plus(PacketCounts other) {
        return new PacketCounts(
                received + other.received,
                receiveDropped + other.receiveDropped,
                transmitted + other.transmitted,
                transmitDropped + other.transmitDropped);
    }
}

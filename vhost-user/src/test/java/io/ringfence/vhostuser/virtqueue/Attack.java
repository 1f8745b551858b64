package io.ringfence.vhostuser.virtqueue;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.vhostuser.protocol.Features;
import java.util.function.Consumer;

/**
 * What a driver does to its queue that a device must not put up with, whatever the ring's layout.
 *
 * @param features what is negotiated
 */
record Attack<R extends RawDriver>(String name, RingFault expected, long features, Consumer<R> attacker) {
    Attack(String name, RingFault expected, Consumer<R> attacker) {
        this(name, expected, Features.INDIRECT_DESC, attacker);
    }

    @Override
    public String toString() {
        return name;
    }

    /** The queue must stop and stay so, for this reason, of which both sides are told; nothing may be touched. */
    void requireStop(R ring) {
        Virtqueue device = ring.device(features);
        attacker.accept(ring);
        byte[] before = ring.contents();

        boolean taken = device.available() > 0 && device.peek(0, false, new BufferChain());

        assertThat(taken).isFalse();
        assertThat(device.fault()).isEqualTo(expected);
        assertThat(device.available()).as("buffers of a stopped queue").isZero();
        assertThat(device.arm()).isFalse();
        device.disarm();
        assertThat(device.publish()).isFalse();
        assertThat(ring.call.drain()).as("the driver is told").isOne();
        assertThat(ring.error.drain()).as("the front-end is told").isOne();
        assertThat(ring.contents()).isEqualTo(before);
    }

    /** The only chain that there is must stop the queue, for this reason, when it is read. */
    static void requireStopByChain(Virtqueue device, RingFault expected) {
        assertThat(device.available()).isOne();
        assertThat(device.peek(0, false, new BufferChain())).isFalse();
        assertThat(device.fault()).isEqualTo(expected);
    }
}

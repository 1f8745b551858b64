package io.ringfence.vhostuser.backend;

import static io.ringfence.vhostuser.backend.ScriptedFrontEnd.NO_DESCRIPTOR;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.testing.Await;
import io.ringfence.vhostuser.event.EventFd;
import io.ringfence.vhostuser.protocol.Features;
import io.ringfence.vhostuser.protocol.Payload;
import io.ringfence.vhostuser.protocol.Payload.U64;
import io.ringfence.vhostuser.protocol.Request;
import io.ringfence.vhostuser.virtqueue.PackedVirtqueue;
import io.ringfence.vhostuser.virtqueue.Virtqueue;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What becomes of rings while a well-behaved front-end starts, changes and stops them. */
final class SessionRingsTest {
    @RegisterExtension
    private final BackendFixture backend = BackendFixture.withLimits(SessionLimits.DEFAULT);

    private final FakeDevice device = backend.device;

    @Test
    void shouldKeepRingEnabledWhenItsKickChanges() throws Exception {
        try (ScriptedFrontEnd frontEnd = backend.connect().start()) {
            Virtqueue before = device.queue(0).orElseThrow();

            frontEnd.u64(Request.SET_VRING_KICK, NO_DESCRIPTOR);
            assertThat(frontEnd.get(Request.GET_STATUS)).isZero();

            Virtqueue after = device.queue(0).orElseThrow();
            assertThat(after.setup().enabled()).isTrue();
            assertThat(after.setup().kick()).isNull();
            assertThat(after.setup().generation()).isEqualTo(before.setup().generation());
            assertThat(device.queue(1).orElseThrow().setup().kick()).isNotNull();
        }
    }

    @Test
    void shouldReplyTheBaseWhereTheDeviceStopped() throws Exception {
        try (ScriptedFrontEnd frontEnd = backend.connect().start()) {
            Virtqueue first = device.queue(1).orElseThrow();
            frontEnd.memory.available(1).set(ValueLayout.JAVA_SHORT, 2, (short) 5);
            assertThat(first.available()).isEqualTo(5);
            first.commit(5);

            frontEnd.u64(Request.SET_VRING_CALL, 1, frontEnd.call.fd()); // another view of the same ring
            assertThat(frontEnd.base(1)).isEqualTo(5);
            assertThat(device.queue(1)).isEmpty();
            assertThat(device.queue(0)).isPresent();

            frontEnd.u64(Request.SET_VRING_KICK, 1, frontEnd.kick.fd());
            assertThat(frontEnd.get(Request.GET_STATUS)).isZero();
            Virtqueue second = device.queue(1).orElseThrow();
            assertThat(second.nextAvailable()).isEqualTo(5);
            assertThat(second.setup().generation()).isNotEqualTo(first.setup().generation());
            assertThat(frontEnd.base(3)).isZero();
        }
    }

    @Test
    void shouldStartPackedRingOfAnySizeAtItsPlaceAndWrapCounter() throws Exception {
        device.offerPackedRings();
        try (ScriptedFrontEnd frontEnd = backend.connect().negotiate().shareMemory()) {
            frontEnd.startRing(1).vring(Request.SET_VRING_ENABLE, 1, 1); // with base 0: place 0, wrap counter 0
            assertThat(frontEnd.base(1)).isZero();

            frontEnd.vring(Request.SET_VRING_NUM, 1, 300)
                    .vring(Request.SET_VRING_BASE, 1, 299 | 0x8000) // as DPDK does it: no upper half
                    .u64(Request.SET_VRING_KICK, 1, frontEnd.kick.fd());
            assertThat(frontEnd.get(Request.GET_STATUS)).isZero();

            Virtqueue queue = device.queue(1).orElseThrow();
            assertThat(queue).isInstanceOf(PackedVirtqueue.class);
            assertThat(queue.setup().sizeEntries()).isEqualTo(300);
            assertThat(frontEnd.base(1)).as("the same for available and used").isEqualTo(0x812b_812b);
            assertThat(frontEnd.base(3))
                    .as("never started: wrap counters are 1")
                    .isEqualTo(0x8000_8000);
        }
    }

    @Test
    void shouldEndWhenPackedRingStartsBeyondItsEnd() throws Exception {
        device.offerPackedRings();
        try (ScriptedFrontEnd frontEnd = backend.connect().negotiate().shareMemory()) {
            frontEnd.vring(Request.SET_VRING_NUM, 0, 256)
                    .vring(Request.SET_VRING_BASE, 0, 0x8100)
                    .send(Request.SET_VRING_ADDR, SharedMemory.ring(0))
                    .u64(Request.SET_VRING_KICK, 0, frontEnd.kick.fd());

            Await.until("end of the session", () -> !device.endReasons.isEmpty());
            assertThat(device.endReasons.getFirst()).contains("base 0x8100 is beyond the 256 descriptors");
        }
    }

    @Test
    void shouldCallTheDriverOnceWhenARunningRingGetsACallDescriptor() throws Exception {
        try (ScriptedFrontEnd frontEnd = backend.connect().start();
                EventFd another = EventFd.create()) {
            assertThat(frontEnd.call.drain()).isEqualTo(2);

            frontEnd.u64(Request.SET_VRING_CALL, 0, another.fd());
            frontEnd.vring(Request.SET_VRING_ENABLE, 0, 0);
            assertThat(frontEnd.get(Request.GET_STATUS)).isZero();

            assertThat(another.drain()).isEqualTo(1);
            assertThat(frontEnd.call.drain()).isZero();
        }
    }

    @Test
    void shouldStopAndForgetRingsButKeepMemoryWhenReset() throws Exception {
        try (ScriptedFrontEnd frontEnd = backend.connect().start()) {
            assertThat(frontEnd.acknowledged(Request.RESET_DEVICE, Payload.NONE))
                    .isZero();

            assertThat(device.state().queues()).isEmpty();
            assertThat(device.state().features()).isEqualTo(Features.PROTOCOL_FEATURES);
            assertThat(device.state().memory().regions()).hasSize(1);
            frontEnd.vring(Request.SET_VRING_ENABLE, 0, 1).u64(Request.SET_FEATURES, Features.VERSION_1);
            frontEnd.startRing(0);
            assertThat(frontEnd.get(Request.GET_STATUS)).isZero();
            assertThat(device.queue(0)).isPresent();
        }
    }

    /** QEMU 7.2 pauses a guest with SET_STATUS 0 first and GET_VRING_BASE afterwards. */
    @Test
    void shouldStopRingsButKeepTheirPositionsWhenStatusIsZero() throws Exception {
        try (ScriptedFrontEnd frontEnd = backend.connect().start()) {
            Virtqueue queue = device.queue(1).orElseThrow();
            frontEnd.memory.available(1).set(ValueLayout.JAVA_SHORT, 2, (short) 9);
            assertThat(queue.available()).isEqualTo(9);
            queue.commit(9);

            assertThat(frontEnd.acknowledged(Request.SET_STATUS, new U64(0))).isZero();

            assertThat(device.state().queues()).isEmpty();
            assertThat(frontEnd.base(1)).isEqualTo(9);
        }
    }

    @Test
    void shouldDisableRingsWhenOwnerIsReset() throws Exception {
        try (ScriptedFrontEnd frontEnd = backend.connect().start()) {
            assertThat(frontEnd.acknowledged(Request.RESET_OWNER, Payload.NONE)).isZero();

            assertThat(device.state().queues())
                    .hasSize(2)
                    .allSatisfy(queue -> assertThat(queue.setup().enabled()).isFalse());
        }
    }
}

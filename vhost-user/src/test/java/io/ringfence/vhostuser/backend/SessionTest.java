package io.ringfence.vhostuser.backend;

import static io.ringfence.vhostuser.backend.ScriptedFrontEnd.NO_DESCRIPTOR;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.vhostuser.event.EventFd;
import io.ringfence.vhostuser.protocol.Features;
import io.ringfence.vhostuser.protocol.Message;
import io.ringfence.vhostuser.protocol.MessageCodec;
import io.ringfence.vhostuser.protocol.Payload.SingleRegion;
import io.ringfence.vhostuser.protocol.Payload.U64;
import io.ringfence.vhostuser.protocol.Payload.VringState;
import io.ringfence.vhostuser.protocol.ProtocolFeatures;
import io.ringfence.vhostuser.protocol.Request;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a well-behaved front-end gets: handshakes, and what belongs to no ring. */
final class SessionTest {
    @RegisterExtension
    private final BackendFixture backend = BackendFixture.withLimits(SessionLimits.DEFAULT);

    private final FakeDevice device = backend.device;

    /** The order of messages of QEMU 8: vhost_user_backend_init, vhost_virtqueue_init, vhost_net_start, vhost_net_stop. */
    @Test
    void shouldServeTheHandshakeOfQemu() throws Exception {
        try (ScriptedFrontEnd qemu = backend.connect();
                EventFd maskedCall = EventFd.create()) {
            assertThat(qemu.get(Request.GET_FEATURES)).isEqualTo(ScriptedFrontEnd.offeredFeatures());
            assertThat(qemu.get(Request.GET_PROTOCOL_FEATURES)).isEqualTo(DeviceOffer.SUPPORTED_PROTOCOL_FEATURES);
            qemu.u64(Request.SET_PROTOCOL_FEATURES, DeviceOffer.SUPPORTED_PROTOCOL_FEATURES);
            assertThat(qemu.get(Request.GET_QUEUE_NUM)).isEqualTo(2);
            assertThat(qemu.get(Request.GET_MAX_MEM_SLOTS)).isEqualTo(MemoryRequests.MAX_SLOTS);
            qemu.send(Request.SET_OWNER);
            assertThat(qemu.get(Request.GET_FEATURES)).isEqualTo(ScriptedFrontEnd.offeredFeatures());
            qemu.u64(Request.SET_VRING_CALL, 0, maskedCall.fd()).u64(Request.SET_VRING_CALL, 1, maskedCall.fd());
            qemu.vring(Request.SET_VRING_ENABLE, 0, 1).vring(Request.SET_VRING_ENABLE, 1, 1);
            qemu.u64(Request.SET_FEATURES, ScriptedFrontEnd.offeredFeatures());
            assertThat(qemu.get(Request.GET_STATUS)).isZero();
            qemu.u64(Request.SET_STATUS, 11);
            assertThat(qemu.get(Request.GET_STATUS)).isEqualTo(11);
            assertThat(qemu.acknowledged(Request.ADD_MEM_REG, new SingleRegion(SharedMemory.region()), qemu.memory.fd))
                    .isZero();
            qemu.startRing(0).startRing(1).u64(Request.SET_VRING_CALL, 1 | NO_DESCRIPTOR);
            assertThat(qemu.get(Request.GET_STATUS)).isEqualTo(11);

            assertThat(device.opened).hasValue(1);
            assertThat(device.state().features()).isEqualTo(ScriptedFrontEnd.offeredFeatures());
            assertThat(device.state().memory().regions()).hasSize(1);
            assertThat(device.state().queues()).hasSize(2);
            assertThat(device.state().queues())
                    .allSatisfy(queue -> assertThat(queue.setup().enabled()).isTrue());
            assertThat(device.queue(1).orElseThrow().setup().call()).isNull();

            assertThat(qemu.base(0)).isZero();
            assertThat(qemu.base(1)).isZero();
            qemu.u64(Request.SET_STATUS, 0);
            assertThat(qemu.get(Request.GET_STATUS)).isZero();
            assertThat(device.state().queues()).isEmpty();
            assertThat(device.state().memory().regions()).hasSize(1);
        }
        backend.assertEnded("front-end closed the connection");
    }

    /** The order of messages of DPDK's virtio-user: all calls before anything else of a queue, enabled at the end. */
    @Test
    void shouldServeTheHandshakeOfVirtioUser() throws Exception {
        try (ScriptedFrontEnd dpdk = backend.connect()) {
            dpdk.send(Request.SET_OWNER);
            assertThat(dpdk.get(Request.GET_FEATURES)).isEqualTo(ScriptedFrontEnd.offeredFeatures());
            long protocol = dpdk.get(Request.GET_PROTOCOL_FEATURES)
                    & (ProtocolFeatures.MQ | ProtocolFeatures.REPLY_ACK | ProtocolFeatures.STATUS);
            dpdk.u64(Request.SET_PROTOCOL_FEATURES, protocol);
            assertThat(dpdk.acknowledged(Request.SET_STATUS, new U64(0))).isZero();
            assertThat(dpdk.acknowledged(Request.SET_STATUS, new U64(3))).isZero();
            dpdk.u64(Request.SET_VRING_CALL, 0, dpdk.call.fd()).u64(Request.SET_VRING_CALL, 1, dpdk.call.fd());
            assertThat(dpdk.acknowledged(Request.SET_FEATURES, new U64(ScriptedFrontEnd.offeredFeatures())))
                    .isZero();
            dpdk.shareMemory();
            for (int i = 0; i < 2; i++) {
                dpdk.vring(Request.SET_VRING_NUM, i, 256)
                        .vring(Request.SET_VRING_BASE, i, 0)
                        .send(Request.SET_VRING_ADDR, SharedMemory.ring(i))
                        .u64(Request.SET_VRING_KICK, i, dpdk.kick.fd());
            }
            assertThat(dpdk.get(Request.GET_STATUS)).isEqualTo(3);
            assertThat(device.state().queues())
                    .hasSize(2)
                    .allSatisfy(queue -> assertThat(queue.setup().enabled()).isFalse());
            dpdk.vring(Request.SET_VRING_ENABLE, 0, 1).vring(Request.SET_VRING_ENABLE, 1, 1);
            assertThat(dpdk.get(Request.GET_STATUS)).isEqualTo(3);
            assertThat(device.state().queues())
                    .hasSize(2)
                    .allSatisfy(queue -> assertThat(queue.setup().enabled()).isTrue());
        }
        backend.assertEnded("front-end closed the connection");
    }

    @Test
    void shouldEnableRingsAtOnceWithoutProtocolFeatures() throws Exception {
        try (ScriptedFrontEnd frontEnd = backend.connect()) {
            frontEnd.send(Request.SET_OWNER)
                    .u64(Request.SET_FEATURES, Features.VERSION_1)
                    .shareMemory()
                    .startRing(0);

            assertThat(frontEnd.get(Request.GET_FEATURES)).isEqualTo(ScriptedFrontEnd.offeredFeatures());
            assertThat(device.queue(0).orElseThrow().setup().enabled()).isTrue();
        }
    }

    @Test
    void shouldAcknowledgeWithZeroOnlyMtusItOffers() throws Exception {
        try (ScriptedFrontEnd frontEnd = backend.connect().negotiate()) {
            assertThat(frontEnd.acknowledged(Request.NET_SET_MTU, new U64(68))).isZero();
            assertThat(frontEnd.acknowledged(Request.NET_SET_MTU, new U64(9000)))
                    .isZero();
            assertThat(frontEnd.acknowledged(Request.NET_SET_MTU, new U64(67))).isNotZero();
            assertThat(frontEnd.acknowledged(Request.NET_SET_MTU, new U64(9001)))
                    .isNotZero();
            assertThat(frontEnd.acknowledged(Request.NET_SET_MTU, new U64(-1))).isNotZero();
        }
    }

    @Test
    void shouldAnnounceTheGuestWhenTold() throws Exception {
        try (ScriptedFrontEnd frontEnd = backend.connect().negotiate()) {
            assertThat(frontEnd.acknowledged(Request.SEND_RARP, new U64(0x0605_0403_0201L)))
                    .isZero();
            assertThat(device.announced).containsExactly(new byte[] {1, 2, 3, 4, 5, 6});
        }
    }

    @Test
    void shouldReadMessagesThatArriveByteByByteOrAllAtOnce() throws Exception {
        try (ScriptedFrontEnd frontEnd = backend.connect()) {
            var bytes = MessageCodec.encode(Message.request(Request.SET_VRING_NUM, new VringState(1, 128)));
            while (bytes.hasRemaining()) {
                frontEnd.raw(bytes.slice(bytes.position(), 1));
                bytes.position(bytes.position() + 1);
                backend.assertNeighbourWorks();
            }
            for (int i = 0; i < 100; i++) {
                frontEnd.send(Request.GET_FEATURES);
            }
            for (int i = 0; i < 100; i++) {
                frontEnd.receive(Request.GET_FEATURES);
            }
        }
        backend.assertEnded("front-end closed the connection");
    }
}

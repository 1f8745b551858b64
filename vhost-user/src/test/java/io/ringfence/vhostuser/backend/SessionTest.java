package io.ringfence.vhostuser.backend;

import static io.ringfence.vhostuser.backend.ScriptedFrontEnd.NO_DESCRIPTOR;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.testing.Await;
import io.ringfence.vhostuser.event.EventFd;
import io.ringfence.vhostuser.linux.FileDescriptors;
import io.ringfence.vhostuser.memory.GuestMemory;
import io.ringfence.vhostuser.protocol.Features;
import io.ringfence.vhostuser.protocol.Message;
import io.ringfence.vhostuser.protocol.MessageCodec;
import io.ringfence.vhostuser.protocol.Payload;
import io.ringfence.vhostuser.protocol.Payload.SingleRegion;
import io.ringfence.vhostuser.protocol.Payload.U64;
import io.ringfence.vhostuser.protocol.Payload.VringState;
import io.ringfence.vhostuser.protocol.ProtocolFeatures;
import io.ringfence.vhostuser.protocol.Request;
import io.ringfence.vhostuser.virtqueue.PackedVirtqueue;
import io.ringfence.vhostuser.virtqueue.Virtqueue;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a well-behaved front-end gets. */
final class SessionTest {
    @TempDir
    Path directory;

    private BackendFixture backend;
    private FakeDevice device;

    @BeforeEach
    void open() throws Exception {
        backend = new BackendFixture(directory, SessionLimits.DEFAULT);
        device = backend.device;
    }

    @AfterEach
    void close() {
        backend.close();
    }

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

    @Test
    void shouldServeTheNextFrontEndWhenTheDeviceFailsToTakeOnAState() throws Exception {
        try (ScriptedFrontEnd frontEnd = backend.connect().start()) {
            device.failOnce("no space left");
            frontEnd.vring(Request.SET_VRING_ENABLE, 0, 0);
            Await.until("end", () -> !device.endReasons.isEmpty());
        }
        backend.assertEnded("the session failed: java.lang.IllegalStateException: no space left");
    }

    @Test
    void shouldServeTheNextFrontEndWhenTheDeviceFailsAtTheBeginning() throws Exception {
        device.onOpened = () -> {
            device.onOpened = () -> {};
            throw new IllegalStateException("no space left");
        };
        try (ScriptedFrontEnd frontEnd = backend.connect()) {
            Await.until("end", frontEnd.socket::peerClosed);
        }
        backend.assertEnded("the session failed: java.lang.IllegalStateException: no space left");
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
        device.offer = new DeviceOffer(
                FakeDevice.FEATURES | Features.RING_PACKED, DeviceOffer.SUPPORTED_PROTOCOL_FEATURES, 2, 9000);
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
        device.offer = new DeviceOffer(
                FakeDevice.FEATURES | Features.RING_PACKED, DeviceOffer.SUPPORTED_PROTOCOL_FEATURES, 2, 9000);
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
    void shouldTranslateRunningRingsAgainWhenTheMemoryTableChanges() throws Exception {
        try (ScriptedFrontEnd frontEnd = backend.connect().start()) {
            Virtqueue before = device.queue(0).orElseThrow();
            GuestMemory memory = device.state().memory();

            frontEnd.shareMemory();
            assertThat(frontEnd.get(Request.GET_STATUS)).isZero();

            assertThat(device.state().memory()).isNotSameAs(memory);
            assertThat(memory.regions().getFirst().segment().scope().isAlive()).isFalse();
            assertThat(device.queue(0).orElseThrow()).isNotSameAs(before);
            assertThat(device.queue(0).orElseThrow().available()).isZero();
        }
    }

    @Test
    void shouldSuspendRingsWhileTheirMemoryIsRemovedAndGoOnWhenItIsBack() throws Exception {
        try (ScriptedFrontEnd frontEnd = backend.connect().negotiate().addMemory()) {
            frontEnd.startRing(0).startRing(1);
            assertThat(frontEnd.get(Request.GET_STATUS)).isZero();
            frontEnd.memory.available(0).set(ValueLayout.JAVA_SHORT, 2, (short) 7);
            Virtqueue queue = device.queue(0).orElseThrow();
            assertThat(queue.available()).isEqualTo(7);
            queue.commit(7);

            // Some front-ends send the descriptor along; "the back-end MUST close it".
            frontEnd.send(Request.REM_MEM_REG, new SingleRegion(SharedMemory.region()), frontEnd.memory.fd);
            assertThat(frontEnd.get(Request.GET_STATUS)).isZero();
            assertThat(device.state().queues()).isEmpty();
            assertThat(device.state().memory().regions()).isEmpty();

            frontEnd.addMemory();
            assertThat(frontEnd.get(Request.GET_STATUS)).isZero();
            assertThat(device.queue(0).orElseThrow().nextAvailable()).isEqualTo(7);
            assertThat(device.queue(1)).isPresent();
        }
        backend.assertEnded("front-end closed the connection");
    }

    /** As QEMU before 8.0 does for each queue pair. */
    @Test
    void shouldTakeARegionThatIsAddedAndRemovedTwiceAsOne() throws Exception {
        try (ScriptedFrontEnd frontEnd = backend.connect().negotiate().addMemory()) {
            frontEnd.startRing(0).startRing(1);
            assertThat(frontEnd.get(Request.GET_STATUS)).isZero();
            GuestMemory memory = device.state().memory();
            SingleRegion region = new SingleRegion(SharedMemory.region());

            assertThat(frontEnd.acknowledged(Request.ADD_MEM_REG, region, frontEnd.memory.fd))
                    .isZero();
            assertThat(device.state().memory()).isSameAs(memory);
            assertThat(device.queue(0)).isPresent();

            assertThat(frontEnd.acknowledged(Request.REM_MEM_REG, region)).isZero();
            assertThat(device.state().memory().regions()).isEmpty();
            frontEnd.addMemory();
            assertThat(frontEnd.acknowledged(Request.ADD_MEM_REG, region, frontEnd.memory.fd))
                    .isZero();
            assertThat(device.state().memory().regions()).hasSize(1);

            for (int i = 0; i < 3; i++) {
                assertThat(frontEnd.acknowledged(Request.REM_MEM_REG, region)).isZero();
            }
            frontEnd.send(Request.REM_MEM_REG, region);
            Await.until("end of the session", () -> !device.endReasons.isEmpty());
        }
        backend.assertEnded("REM_MEM_REG (38) names guest=0x40000000");
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

    @Test
    void shouldWaitForTheDeviceWithoutHoldingUpTheNeighbour() throws Exception {
        CountDownLatch mayApply = new CountDownLatch(1);
        try (var worker = Executors.newSingleThreadExecutor();
                ScriptedFrontEnd frontEnd = backend.connect().start()) {
            device.appliedBy = task -> {
                var ignored = worker.submit(() -> {
                    mayApply.await();
                    task.run();
                    return null;
                });
            };
            GuestMemory old = device.state().memory();
            frontEnd.shareMemory().vring(Request.GET_VRING_BASE, 0, 0);

            backend.assertNeighbourWorks();
            assertThat(old.regions().getFirst().segment().scope().isAlive()).isTrue();
            assertThat(frontEnd.socket.receive(ByteBuffer.allocateDirect(20), new FileDescriptors()))
                    .isZero();

            mayApply.countDown();
            frontEnd.receive(Request.GET_VRING_BASE);
            assertThat(old.regions().getFirst().segment().scope().isAlive()).isFalse();
            device.appliedBy = Runnable::run;
        }
        backend.assertEnded("front-end closed the connection");
    }

    @Test
    void shouldUnmapOnlyWhenTheDeviceHasLetGoOfAFrontEndThatDied() throws Exception {
        CountDownLatch mayApply = new CountDownLatch(1);
        try (var worker = Executors.newSingleThreadExecutor()) {
            GuestMemory memory;
            try (ScriptedFrontEnd frontEnd = backend.connect().start()) {
                memory = device.state().memory();
                device.appliedBy = task -> {
                    var ignored = worker.submit(() -> {
                        mayApply.await();
                        task.run();
                        return null;
                    });
                };
                frontEnd.vring(Request.SET_VRING_ENABLE, 0, 0);
            }
            backend.assertNeighbourWorks();
            assertThat(memory.regions().getFirst().segment().scope().isAlive()).isTrue();
            assertThat(device.endReasons).isEmpty();

            mayApply.countDown();
            Await.until("end", () -> !device.endReasons.isEmpty());
            assertThat(memory.regions().getFirst().segment().scope().isAlive()).isFalse();
            device.appliedBy = Runnable::run;
        }
        backend.assertEnded("front-end closed the connection");
    }

    @Test
    void shouldEndWithTheReasonOfTheDevice() throws Exception {
        try (ScriptedFrontEnd frontEnd = backend.connect().start()) {
            SessionControl session = Objects.requireNonNull(device.session);
            session.end("shared memory was truncated");
            session.end("another reason");
            Await.until("end", () -> !device.endReasons.isEmpty());
            assertThat(frontEnd.socket.peerClosed()).isTrue();
        }
        backend.assertEnded("shared memory was truncated");
    }
}

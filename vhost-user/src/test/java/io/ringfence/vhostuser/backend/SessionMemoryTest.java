package io.ringfence.vhostuser.backend;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.testing.Await;
import io.ringfence.vhostuser.memory.GuestMemory;
import io.ringfence.vhostuser.protocol.Payload.SingleRegion;
import io.ringfence.vhostuser.protocol.Request;
import io.ringfence.vhostuser.virtqueue.Virtqueue;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What becomes of memory, and of the rings in it, while a well-behaved front-end shares it and takes it back. */
final class SessionMemoryTest {
    @RegisterExtension
    private final BackendFixture backend = BackendFixture.withLimits(SessionLimits.DEFAULT);

    private final FakeDevice device = backend.device;

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
}

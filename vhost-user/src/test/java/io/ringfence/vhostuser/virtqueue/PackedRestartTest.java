package io.ringfence.vhostuser.virtqueue;

import static io.ringfence.vhostuser.virtqueue.RawDriver.use;
import static io.ringfence.vhostuser.virtqueue.RawPackedRing.SIZE;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.vhostuser.memory.GuestMemory;
import io.ringfence.vhostuser.memory.MemoryRegion;
import io.ringfence.vhostuser.protocol.Features;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where a packed queue goes on that is started again, or whose memory changes under it. */
class PackedRestartTest {
    private final RawPackedRing ring = new RawPackedRing();
    private final BufferChain chain = new BufferChain();

    @AfterEach
    void close() {
        ring.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3, 7, 8, 12, 15})
    void shouldGoOnAtBaseWhenQueueIsStartedAgain(int position) {
        ring.position = position;
        PackedVirtqueue first = ring.device(0);
        for (int id = 0; id < SIZE; id++) {
            ring.offer(id, 0);
        }
        use(first, 3);
        first.publish();

        int stoppedAt = first.base();
        PackedVirtqueue second = new PackedVirtqueue(ring.setup(1, stoppedAt), ring.mapped(), 0);
        PackedVirtqueue third =
                new PackedVirtqueue(ring.setup(1, stoppedAt & 0xffff), ring.mapped(), 0); // as DPDK does it

        assertThat(stoppedAt >>> 16).as("where to use").isEqualTo(stoppedAt & 0xffff);
        assertThat(second.available()).isEqualTo(SIZE - 3);
        assertThat(third.available()).isEqualTo(SIZE - 3);
        assertThat(second.peek(0, false, chain)).isTrue();
        assertThat(chain.head()).isEqualTo(3);
        use(second, SIZE - 3);
        second.publish();
        assertThat(second.base()).isEqualTo(PackedLayout.base((position + SIZE) % (2 * SIZE), SIZE));
    }

    /** As QEMU does when the back-end has died: it was never told another position. */
    @ParameterizedTest
    @ValueSource(ints = {1, 7, 8, 11, 15})
    void shouldStopWhenAUsedRingStartsAtTheBeginning(int taken) {
        PackedVirtqueue first = ring.device(0);
        for (int id = 0; id < taken; id++) {
            ring.offer(id, 0);
            use(first, 1);
            first.publish();
        }
        PackedVirtqueue second =
                new PackedVirtqueue(ring.setup(1, PackedLayout.base(0, SIZE)), ring.mapped(), Features.RING_PACKED);

        assertThat(second.available()).isZero();
        assertThat(second.fault()).isEqualTo(RingFault.POSITION_LOST);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 8})
    void shouldTakeTheFirstChainsOfAnUnusedRingWheneverTheyCome(int early) {
        PackedVirtqueue device = ring.device(0);
        for (int id = 0; id < early; id++) {
            ring.offer(id, 0);
        }
        assertThat(device.available()).isEqualTo(early);
        use(device, early);
        device.publish();
        assertThat(device.available()).isZero();
        for (int id = 0; id < SIZE; id++) {
            ring.offer(id, 0);
        }

        assertThat(device.available()).isEqualTo(SIZE);
        assertThat(device.fault()).isNull();
    }

    @Test
    void shouldKeepPositionAndFaultWhenMemoryTableChangesUnderQueue() {
        PackedVirtqueue first = ring.device(0);
        for (int id = 0; id < 4; id++) {
            ring.offer(id, 0);
        }
        use(first, 3);
        GuestMemory again = ring.map(0, ring.memory.lengthBytes());
        PackedVirtqueue second = new PackedVirtqueue(ring.setup(1, 0x8000), again, 0);

        second.continueFrom(first);

        assertThat(second.nextAvailable()).isEqualTo(3);
        assertThat(second.available()).isOne();
        assertThat(second.peek(0, false, chain)).isTrue();
        assertThat(chain.head()).isEqualTo(3);
        assertThat(ring.used(0)).isFalse();
        second.publish();
        assertThat(ring.used(0)).isTrue();
        second.stop(RingFault.LENGTH);
        PackedVirtqueue third = new PackedVirtqueue(ring.setup(1, 0x8000), again, 0);
        third.continueFrom(second);
        assertThat(third.fault()).isEqualTo(RingFault.LENGTH);
        again.regions().forEach(MemoryRegion::close);
    }
}

package io.ringfence.vhostuser.virtqueue;

import static io.ringfence.vhostuser.virtqueue.RawDriver.use;
import static io.ringfence.vhostuser.virtqueue.RawRing.EVENT_IDX;
import static io.ringfence.vhostuser.virtqueue.RawRing.INDIRECT;
import static io.ringfence.vhostuser.virtqueue.RawRing.INDIRECT_DESC;
import static io.ringfence.vhostuser.virtqueue.RawRing.NEXT;
import static io.ringfence.vhostuser.virtqueue.RawRing.SIZE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.ringfence.vhostuser.memory.GuestMemory;
import io.ringfence.vhostuser.memory.MemoryRegion;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SplitVirtqueueTest {
    private final RawRing ring = new RawRing();
    private final BufferChain chain = new BufferChain();

    @AfterEach
    void close() {
        ring.close();
    }

    private void offerBuffers(int count) {
        for (int i = 0; i < count; i++) {
            ring.descriptor(i, ring.address(ring.buffer + 64L * i), 64, 0, 0);
            ring.offer(i);
        }
    }

    @Test
    void shouldTranslateEachPieceWhenChainMixesDirectAndIndirectDescriptors() {
        SplitVirtqueue device = ring.device(INDIRECT_DESC);
        ring.descriptor(2, ring.address(ring.buffer), 12, NEXT, 7);
        ring.descriptor(7, ring.address(ring.buffer + 100), 0, NEXT, 4);
        ring.descriptor(4, ring.address(ring.table), 48, INDIRECT, 0);
        ring.entry(0, ring.address(ring.buffer + 200), 20, NEXT, 2);
        ring.entry(2, ring.address(ring.buffer + 300), 30, 0, 0);
        ring.offer(2);

        assertThat(device.available()).isOne();
        assertThat(device.peek(0, false, chain)).isTrue();

        assertThat(chain.head()).isEqualTo(2);
        assertThat(chain.descriptors()).isEqualTo(4);
        assertThat(chain.lengthBytes()).isEqualTo(62);
        assertThat(chain.count()).as("pieces, without the empty buffer").isEqualTo(3);
        assertThat(new long[] {chain.offset(0), chain.offset(1), chain.offset(2)})
                .containsExactly(ring.buffer, ring.buffer + 200, ring.buffer + 300);
        assertThat(new int[] {chain.length(0), chain.length(1), chain.length(2)})
                .containsExactly(12, 20, 30);
    }

    @Test
    void shouldSplitBufferWhenItSpansAdjacentRegions() {
        ring.memory.segment().set(ValueLayout.JAVA_BYTE, ring.buffer + 9, (byte) 9);
        ring.memory.segment().set(ValueLayout.JAVA_BYTE, ring.buffer + 10, (byte) 10);
        GuestMemory split = ring.map(0, ring.buffer + 10, ring.buffer + 20, 1 << 20);
        SplitVirtqueue device = new SplitVirtqueue(ring.setup(), split, 0);
        ring.descriptor(0, ring.address(ring.buffer), 64, 0, 0);
        ring.offer(0);

        assertThat(device.available()).isOne();
        assertThat(device.peek(0, false, chain)).isTrue();

        assertThat(chain.count()).isEqualTo(3);
        assertThat(new int[] {chain.length(0), chain.length(1), chain.length(2)})
                .containsExactly(10, 10, 44);
        assertThat(chain.descriptors()).isOne();
        assertThat(chain.segment(0).get(ValueLayout.JAVA_BYTE, chain.offset(0) + 9))
                .isEqualTo((byte) 9);
        assertThat(chain.segment(1).get(ValueLayout.JAVA_BYTE, chain.offset(1))).isEqualTo((byte) 10);
        split.regions().forEach(MemoryRegion::close);
    }

    @Test
    void shouldShowDriverNothingWhenUsedEntriesAreStagedButNotPublished() {
        SplitVirtqueue device = ring.device(0);
        offerBuffers(3);

        use(device, 2);
        assertThat(ring.readShort(ring.used + SplitLayout.USED_INDEX_OFFSET)).isZero();

        assertThat(device.publish()).isTrue();
        assertThat(ring.readShort(ring.used + SplitLayout.USED_INDEX_OFFSET)).isEqualTo((short) 2);
        assertThat(device.publish()).as("nothing new to call for").isFalse();
        assertThat(device.available()).isOne();
        assertThat(device.nextAvailable()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 65530, 65535})
    void shouldGoOnAtBaseWhenQueueIsStartedAgain(int base) {
        ring.availableIndex(base);
        ring.writeShort(ring.used + SplitLayout.USED_INDEX_OFFSET, base);
        SplitVirtqueue first = new SplitVirtqueue(
                ring.setup(SIZE, ring.descriptors, ring.available, ring.used, base), ring.mapped(), 0);
        offerBuffers(SIZE);
        use(first, 3);
        first.publish();

        int stoppedAt = first.nextAvailable();
        SplitVirtqueue second = new SplitVirtqueue(
                ring.setup(SIZE, ring.descriptors, ring.available, ring.used, stoppedAt), ring.mapped(), 0);

        assertThat(stoppedAt).isEqualTo((base + 3) & 0xffff);
        assertThat(second.available()).isEqualTo(SIZE - 3);
        assertThat(second.peek(0, false, chain)).isTrue();
        assertThat(chain.head()).isEqualTo(3);
        use(second, SIZE - 3);
        second.publish();
        assertThat(ring.readShort(ring.used + SplitLayout.USED_INDEX_OFFSET)).isEqualTo((short) (base + SIZE));
    }

    @Test
    void shouldKeepPositionAndFaultWhenMemoryTableChangesUnderQueue() {
        SplitVirtqueue first = ring.device(0);
        offerBuffers(4);
        use(first, 3);
        GuestMemory again = ring.map(0, 1 << 20);
        SplitVirtqueue second = new SplitVirtqueue(ring.setup(), again, 0);

        second.continueFrom(first);

        assertThat(second.available()).isOne();
        second.publish();
        assertThat(ring.readShort(ring.used + SplitLayout.USED_INDEX_OFFSET)).isEqualTo((short) 3);
        second.stop(RingFault.LENGTH);
        SplitVirtqueue third = new SplitVirtqueue(ring.setup(), again, 0);
        third.continueFrom(second);
        assertThat(third.fault()).isEqualTo(RingFault.LENGTH);
        again.regions().forEach(MemoryRegion::close);
    }

    @Test
    void shouldCallOnlyWhenDriverWantsItWithFlags() {
        SplitVirtqueue device = ring.device(0);
        offerBuffers(2);
        ring.writeShort(ring.available + SplitLayout.AVAILABLE_FLAGS_OFFSET, SplitLayout.AVAILABLE_F_NO_INTERRUPT);
        use(device, 1);
        assertThat(device.publish()).isFalse();

        ring.writeShort(ring.available + SplitLayout.AVAILABLE_FLAGS_OFFSET, 0);
        use(device, 1);
        assertThat(device.publish()).isTrue();
    }

    @Test
    void shouldCallOnlyWhenUsedEventIsCrossed() {
        SplitVirtqueue device = ring.device(EVENT_IDX);
        offerBuffers(6);
        ring.writeShort(ring.available + SplitLayout.usedEventOffset(SIZE), 3);

        use(device, 3);
        assertThat(device.publish()).as("index 3 means: the fourth chain").isFalse();
        use(device, 2);
        assertThat(device.publish()).isTrue();
        use(device, 1);
        assertThat(device.publish()).as("crossed before").isFalse();
    }

    @Test
    void shouldAskForKickWhenEarlierBackendDiedWhileItWantedNone() {
        ring.writeShort(ring.used + SplitLayout.USED_FLAGS_OFFSET, SplitLayout.USED_F_NO_NOTIFY);
        SplitVirtqueue device = ring.device(0);

        assertThat(device.available()).isZero();
        assertThat(device.arm()).isFalse();

        assertThat(ring.readShort(ring.used + SplitLayout.USED_FLAGS_OFFSET)).isZero();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, EVENT_IDX})
    void shouldLookAgainWhenBufferCameBeforeArming(long features) {
        SplitVirtqueue device = ring.device(features);
        device.available();
        offerBuffers(1);

        assertThat(device.arm()).isTrue();
        assertThat(device.available()).isOne();
        assertThat(device.arm()).isFalse();
    }

    @Test
    void shouldThrowCatchableErrorWhenMemoryIsTruncated() {
        SplitVirtqueue device = ring.device(0);
        offerBuffers(1);
        assertThat(ring.mapped().truncated()).isFalse();

        ring.memory.truncate(0);

        assertThat(catchThrowable(device::available)).isInstanceOf(InternalError.class);
        assertThat(ring.mapped().truncated()).isTrue();
        device.stop(RingFault.UNMAPPED_ADDRESS);
        assertThat(device.available()).as("no access once it is known").isZero();
    }

    @Test
    void shouldThrowCatchableErrorWhenOnlyTheBuffersAreTruncated() {
        SplitVirtqueue device = ring.device(0);
        ring.descriptor(0, ring.address(8192), 64, 0, 0);
        ring.offer(0);

        ring.memory.truncate(4096);

        assertThat(device.available()).isOne();
        assertThat(device.peek(0, false, chain)).isTrue();
        assertThat(catchThrowable(() -> chain.segment(0).get(ValueLayout.JAVA_LONG, chain.offset(0))))
                .isInstanceOf(InternalError.class);
        assertThat(ring.mapped().truncated()).isTrue();
    }
}

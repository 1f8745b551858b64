package io.ringfence.vhostuser.virtqueue;

import static io.ringfence.vhostuser.virtqueue.DescriptorLayout.DESCRIPTOR_F_INDIRECT;
import static io.ringfence.vhostuser.virtqueue.DescriptorLayout.DESCRIPTOR_F_NEXT;
import static io.ringfence.vhostuser.virtqueue.DescriptorLayout.DESCRIPTOR_F_WRITE;
import static io.ringfence.vhostuser.virtqueue.PackedLayout.*;
import static io.ringfence.vhostuser.virtqueue.RawPackedRing.SIZE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.ringfence.vhostuser.memory.GuestMemory;
import io.ringfence.vhostuser.memory.MemoryRegion;
import io.ringfence.vhostuser.protocol.Features;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PackedVirtqueueTest {
    private final RawPackedRing ring = new RawPackedRing();
    private final BufferChain chain = new BufferChain();

    @AfterEach
    void close() {
        ring.close();
    }

    private void use(PackedVirtqueue device, int chains) {
        assertThat(device.available()).isGreaterThanOrEqualTo(chains);
        for (int i = 0; i < chains; i++) {
            assertThat(device.peek(i, device.setup().receives(), chain)).isTrue();
            device.stage(i, chain.head(), 100 + i);
        }
        device.commit(chains);
    }

    private void offerList(int id, int descriptors) {
        for (int i = 1; i <= descriptors; i++) {
            boolean last = i == descriptors;
            ring.offer(ring.address(ring.buffer + 100L * i), 10L * i, last ? id : 99, last ? 0 : DESCRIPTOR_F_NEXT);
        }
    }

    @Test
    void shouldTakeIdOfLastDescriptorAndUseFirstOneWhenChainIsList() {
        PackedVirtqueue device = ring.device(0);
        offerList(7, 3);
        offerList(5, 2);

        assertThat(device.available()).isEqualTo(2);
        assertThat(device.peek(0, false, chain)).isTrue();
        assertThat(chain.head()).isEqualTo(7);
        assertThat(chain.descriptors()).isEqualTo(3);
        assertThat(chain.lengthBytes()).isEqualTo(60);
        assertThat(new long[] {chain.offset(0), chain.offset(1), chain.offset(2)})
                .containsExactly(ring.buffer + 100, ring.buffer + 200, ring.buffer + 300);

        use(device, 2);
        device.publish();
        assertThat(ring.used(0)).isTrue();
        assertThat(ring.id(0)).isEqualTo(7);
        assertThat(ring.used(3)).isTrue();
        assertThat(ring.id(3)).isEqualTo(5);
        assertThat(device.base()).isEqualTo(PackedLayout.base(5, SIZE));
    }

    @Test
    void shouldIgnoreAllFlagsButWriteWhenDescriptorIsInTable() {
        PackedVirtqueue device = ring.receiver(Features.INDIRECT_DESC);
        ring.entry(0, ring.address(ring.buffer), 12, DESCRIPTOR_F_WRITE);
        ring.entry(1, ring.address(ring.buffer + 100), 0, DESCRIPTOR_F_WRITE | DESCRIPTOR_F_NEXT);
        ring.entry(2, ring.address(ring.buffer + 200), 30, DESCRIPTOR_F_WRITE | DESCRIPTOR_F_INDIRECT);
        ring.offer(ring.address(ring.table), 48, 6, DESCRIPTOR_F_INDIRECT);

        assertThat(device.available()).isOne();
        assertThat(device.peek(0, true, chain)).isTrue();

        assertThat(chain.head()).isEqualTo(6);
        assertThat(chain.descriptors()).isEqualTo(3);
        assertThat(chain.count()).as("pieces, without the empty buffer").isEqualTo(2);
        assertThat(chain.lengthBytes()).isEqualTo(42);
    }

    @Test
    void shouldLeaveRingAsItIsWhenChainsAreStagedButNotCommitted() {
        PackedVirtqueue device = ring.device(0);
        ring.offer(1, 0);
        ring.offer(2, 0);
        byte[] before = ring.contents();

        assertThat(device.available()).isEqualTo(2);
        for (int ahead = 0; ahead < 2; ahead++) {
            assertThat(device.peek(ahead, false, chain)).isTrue();
            device.stage(ahead, chain.head(), 1234);
        }

        assertThat(device.publish()).isFalse();
        assertThat(ring.contents()).isEqualTo(before);
        assertThat(device.available()).isEqualTo(2);
        assertThat(device.peek(0, false, chain)).isTrue();
        assertThat(chain.head()).isOne();
        assertThat(chain.lengthBytes()).isEqualTo(64);
    }

    @Test
    void shouldShowDriverNothingWhenChainsAreCommittedButNotPublished() {
        PackedVirtqueue device = ring.receiver(0);
        for (int id = 1; id <= 3; id++) {
            ring.offer(id, DESCRIPTOR_F_WRITE);
        }

        use(device, 1);
        use(device, 1);
        assertThat(ring.used(0)).as("the one the driver looks at").isFalse();

        assertThat(device.publish()).isTrue();
        assertThat(ring.used(0)).isTrue();
        assertThat(ring.used(1)).isTrue();
        assertThat(ring.used(2)).isFalse();
        assertThat(new int[] {ring.id(0), ring.id(1)}).containsExactly(1, 2);
        assertThat(ring.length(0)).isEqualTo(100);
        assertThat(ring.flags(0) & DESCRIPTOR_F_WRITE)
                .as("something was written")
                .isNotZero();
        assertThat(device.publish()).as("nothing new to call for").isFalse();
        assertThat(device.available()).isOne();
        assertThat(device.nextAvailable()).isEqualTo(2);
    }

    @Test
    void shouldUseWholeBatchByOneDescriptorWhenTransmittingInOrder() {
        PackedVirtqueue device = ring.device(Features.IN_ORDER);
        offerList(4, 2);
        for (int id = 5; id < 8; id++) {
            ring.offer(id, 0);
        }

        use(device, 3);
        use(device, 1);
        device.publish();

        assertThat(ring.used(0)).isTrue();
        assertThat(ring.id(0)).as("id of the last one").isEqualTo(7);
        for (int slot = 1; slot < 5; slot++) {
            assertThat(ring.used(slot)).as("descriptor %d", slot).isFalse();
        }
        ring.offer(1, 0);
        use(device, 1);
        device.publish();
        assertThat(ring.used(5)).as("the next batch starts behind").isTrue();
    }

    @Test
    void shouldTellEachLengthWhenReceivingInOrder() {
        PackedVirtqueue device = ring.receiver(Features.IN_ORDER);
        ring.offer(1, DESCRIPTOR_F_WRITE);
        ring.offer(2, DESCRIPTOR_F_WRITE);

        use(device, 2);
        device.publish();

        assertThat(new int[] {ring.length(0), ring.length(1)}).containsExactly(100, 101);
        assertThat(ring.used(1)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "2, 1", "3, 2", "5, 2", "5, 5", "7, 3", "100, 9", "300, 7", "32768, 11"})
    void shouldGoRoundAndRoundWhenSizeIsAnyNumber(int size, int descriptors) {
        try (RawPackedRing odd = new RawPackedRing(size)) {
            PackedVirtqueue device = odd.device(0);
            int laps = size > 1000 ? 2 : 9;
            for (int chains = 0; chains * descriptors < laps * size; chains++) {
                int at = odd.position;
                for (int i = 1; i < descriptors; i++) {
                    odd.offer(chains % 1000, DESCRIPTOR_F_NEXT);
                }
                odd.offer(chains % 1000, 0);

                assertThat(device.available()).isOne();
                assertThat(device.peek(0, false, chain)).isTrue();
                assertThat(chain.descriptors()).isEqualTo(descriptors);
                device.stage(0, chain.head(), 0);
                device.commit(1);
                device.publish();
                assertThat(odd.used(at)).isTrue();
                assertThat(odd.id(slot(at, size))).isEqualTo(chains % 1000);
                assertThat(device.base()).isEqualTo(PackedLayout.base(odd.position, size));
                assertThat(device.available()).isZero();
            }
        }
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

    @Test
    void shouldCallOnlyWhenDriverWantsItAtAll() {
        PackedVirtqueue device = ring.device(0);
        for (int id = 0; id < 3; id++) {
            ring.offer(id, 0);
        }
        ring.wish(EVENT_DISABLE, 0);
        use(device, 1);
        assertThat(device.publish()).isFalse();

        ring.wish(EVENT_ENABLE, 0);
        use(device, 1);
        assertThat(device.publish()).isTrue();

        ring.wish(EVENT_DESCRIPTOR, 0);
        use(device, 1);
        assertThat(device.publish()).as("a wish that was not negotiated").isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 4, 6, 12, 14})
    void shouldCallOnlyWhenEventIsReached(int position) {
        ring.position = position;
        PackedVirtqueue device = ring.device(Features.EVENT_IDX);
        for (int id = 0; id < 6; id++) {
            ring.offer(id, 0);
        }
        ring.wish(EVENT_DESCRIPTOR, offsetAndWrap((position + 3) % (2 * SIZE), SIZE));

        use(device, 3);
        assertThat(device.publish()).as("the fourth is meant").isFalse();
        use(device, 2);
        assertThat(device.publish()).isTrue();
        use(device, 1);
        assertThat(device.publish()).as("it was reached before").isFalse();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, Features.EVENT_IDX})
    void shouldAskForKickAtNextDescriptorOrForNone(long features) {
        ring.position = 7;
        PackedVirtqueue device = ring.device(features);
        ring.offer(0, 0);
        ring.offer(1, 0);

        assertThat(device.arm()).as("two came before").isTrue();
        assertThat(device.available()).isEqualTo(2);
        assertThat(device.arm()).isFalse();
        assertThat(ring.deviceWish())
                .isEqualTo(
                        features == 0
                                ? EVENT_ENABLE << EVENT_FLAGS_SHIFT | 1
                                : EVENT_DESCRIPTOR << EVENT_FLAGS_SHIFT | offsetAndWrap(9, SIZE));
        device.disarm();
        assertThat(ring.deviceWish()).isEqualTo(EVENT_DISABLE << EVENT_FLAGS_SHIFT);
    }

    @Test
    void shouldLookAtBoundedNumberOfDescriptorsWhenRingIsLong() {
        try (RawPackedRing big = new RawPackedRing(4096)) {
            PackedVirtqueue device = big.device(Features.EVENT_IDX);
            for (int i = 0; i < 4096; i++) {
                big.offer(i, 0);
            }

            assertThat(device.available()).isEqualTo(1024);
            assertThat(device.arm()).as("there is more").isTrue();
            assertThat(device.available()).isEqualTo(2048);
            device.available();
            assertThat(device.available()).isEqualTo(4096);
            assertThat(device.available()).isEqualTo(4096);
            assertThat(device.arm()).isFalse();
        }
    }

    @Test
    void shouldReadAheadPlainBuffersOnlyWhenOtherShapesFollow() {
        PackedVirtqueue device = ring.device(0);
        BufferBatch batch = new BufferBatch();
        ring.position = 0;
        for (int id = 10; id < 13; id++) {
            ring.offer(ring.address(ring.buffer + id), 60, id, 0);
        }
        offerList(20, 2);
        ring.offer(21, 0);

        assertThat(device.peekPlain(device.available(), false, 60, batch)).isEqualTo(3);
        assertThat(new int[] {batch.head(0), batch.head(1), batch.head(2)}).containsExactly(10, 11, 12);
        assertThat(batch.offset(2)).isEqualTo(ring.buffer + 12);
        device.stage(batch, 0, 2);
        device.commit(2);
        device.stage(batch, 2, 1);
        device.commit(1);
        assertThat(device.peekPlain(2, false, 60, batch)).isZero();
        use(device, 1);
        assertThat(device.peekPlain(1, false, 65, batch))
                .as("shorter than asked for")
                .isZero();
        assertThat(device.peekPlain(1, false, 64, batch)).isOne();
        assertThat(device.peekPlain(1, true, 64, batch)).as("wrong direction").isZero();
        device.publish();
        assertThat(new int[] {ring.id(0), ring.id(1), ring.id(2), ring.id(3)}).containsExactly(10, 11, 12, 20);
    }

    @Test
    void shouldThrowCatchableErrorWhenMemoryIsTruncated() {
        PackedVirtqueue device = ring.device(0);
        ring.offer(0, 0);

        ring.memory.truncate(0);

        assertThat(catchThrowable(device::available)).isInstanceOf(InternalError.class);
        device.stop(RingFault.UNMAPPED_ADDRESS);
        assertThat(device.available()).as("no access once it is known").isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {Integer.MIN_VALUE, -1, 0, 32769})
    void shouldRefuseQueueWhenSizeIsImpossible(int size) {
        QueueSetup setup = ring.setup(1, size, ring.ring, ring.driverEvent, ring.deviceEvent, 0x8000);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> new PackedVirtqueue(setup, ring.mapped(), 0))
                .withMessageContaining("size " + size);
    }

    @Test
    void shouldRefuseQueueWhenBaseIsBeyondRing() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new PackedVirtqueue(ring.setup(1, 0x8008), ring.mapped(), 0))
                .withMessageContaining("base 0x8008 is beyond the 8 descriptors");
    }

    @ParameterizedTest
    @CsvSource({
        "8, 0, 0, descriptor ring, not aligned to 16",
        "0, 2, 0, driver event suppression, not aligned to 4",
        "0, 0, 2, device event suppression, not aligned to 4",
        "1048560, 0, 0, descriptor ring, not wholly inside",
        "0, 1048576, 0, driver event suppression, not wholly inside",
        "0, 0, -4, device event suppression, not wholly inside"
    })
    void shouldRefuseQueueWhenPartIsMisalignedOrOutside(
            long ringOffset, long driverOffset, long deviceOffset, String part, String reason) {
        QueueSetup setup = ring.setup(1, SIZE, ringOffset, driverOffset, deviceOffset, 0x8000);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> Virtqueue.of(setup, ring.mapped(), Features.RING_PACKED))
                .withMessageContaining("queue 1")
                .withMessageContaining(part)
                .withMessageContaining(reason);
    }
}

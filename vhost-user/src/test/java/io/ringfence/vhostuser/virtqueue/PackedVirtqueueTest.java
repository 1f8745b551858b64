package io.ringfence.vhostuser.virtqueue;

import static io.ringfence.vhostuser.virtqueue.DescriptorLayout.DESCRIPTOR_F_INDIRECT;
import static io.ringfence.vhostuser.virtqueue.DescriptorLayout.DESCRIPTOR_F_NEXT;
import static io.ringfence.vhostuser.virtqueue.DescriptorLayout.DESCRIPTOR_F_WRITE;
import static io.ringfence.vhostuser.virtqueue.PackedLayout.slot;
import static io.ringfence.vhostuser.virtqueue.RawDriver.use;
import static io.ringfence.vhostuser.virtqueue.RawPackedRing.SIZE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.ringfence.vhostuser.protocol.Features;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a packed queue makes of the chains that its driver offers, and what the driver then finds used. */
class PackedVirtqueueTest {
    private final RawPackedRing ring = new RawPackedRing();
    private final BufferChain chain = new BufferChain();

    @AfterEach
    void close() {
        ring.close();
    }

    @Test
    void shouldTakeIdOfLastDescriptorAndUseFirstOneWhenChainIsList() {
        PackedVirtqueue device = ring.device(0);
        ring.offerList(7, 3);
        ring.offerList(5, 2);

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
        ring.offerList(4, 2);
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

    @Test
    void shouldReadAheadPlainBuffersOnlyWhenOtherShapesFollow() {
        PackedVirtqueue device = ring.device(0);
        BufferBatch batch = new BufferBatch();
        ring.position = 0;
        for (int id = 10; id < 13; id++) {
            ring.offer(ring.address(ring.buffer + id), 60, id, 0);
        }
        ring.offerList(20, 2);
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
}

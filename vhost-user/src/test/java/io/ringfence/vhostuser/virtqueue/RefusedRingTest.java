package io.ringfence.vhostuser.virtqueue;

import static io.ringfence.vhostuser.virtqueue.RawRing.SIZE;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.ringfence.vhostuser.memory.GuestMemory;
import io.ringfence.vhostuser.memory.MemoryRegion;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Sizes and places of split rings with which no queue starts. */
class RefusedRingTest {
    @ParameterizedTest
    @ValueSource(ints = {Integer.MIN_VALUE, -8, 0, 3, 255, 65535, 65536})
    void shouldRefuseQueueWhenSizeIsNoPowerOfTwoUpTo32768(int size) {
        try (RawRing ring = new RawRing()) {
            QueueSetup setup = ring.setup(size, ring.descriptors, ring.available, ring.used, 0);

            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new SplitVirtqueue(setup, ring.mapped(), 0))
                    .withMessageContaining("size " + size);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "8, 0, 0, descriptor table, not aligned to 16",
        "0, 1, 0, available ring, not aligned to 2",
        "0, 0, 2, used ring, not aligned to 4",
        "1048560, 0, 0, descriptor table, not wholly inside",
        "0, 1048572, 0, available ring, not wholly inside",
        "0, 0, 1048572, used ring, not wholly inside",
        "-16, 0, 0, descriptor table, not wholly inside",
        "9223372036854775792, 0, 0, descriptor table, not wholly inside"
    })
    void shouldRefuseQueueWhenRingIsMisalignedOrOutside(
            long descriptors, long available, long used, String ringName, String reason) {
        try (RawRing ring = new RawRing()) {
            QueueSetup setup = ring.setup(SIZE, descriptors, available, used, 0);

            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new SplitVirtqueue(setup, ring.mapped(), 0))
                    .withMessageContaining("queue 1")
                    .withMessageContaining(ringName)
                    .withMessageContaining(reason);
        }
    }

    @Test
    void shouldRefuseQueueWhenRingCrossesRegions() {
        try (RawRing ring = new RawRing()) {
            GuestMemory split = ring.map(0, ring.used + 8, 1 << 20);

            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new SplitVirtqueue(ring.setup(), split, 0))
                    .withMessageContaining("used ring")
                    .withMessageContaining("not wholly inside one of 2 regions");
            split.regions().forEach(MemoryRegion::close);
        }
    }
}

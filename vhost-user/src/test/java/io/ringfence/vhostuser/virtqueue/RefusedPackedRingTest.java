package io.ringfence.vhostuser.virtqueue;

import static io.ringfence.vhostuser.virtqueue.RawPackedRing.SIZE;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.ringfence.vhostuser.protocol.Features;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Sizes and places of packed rings with which no queue starts. */
class RefusedPackedRingTest {
    private final RawPackedRing ring = new RawPackedRing();

    @AfterEach
    void close() {
        ring.close();
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

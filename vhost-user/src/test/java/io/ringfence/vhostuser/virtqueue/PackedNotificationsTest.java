package io.ringfence.vhostuser.virtqueue;

import static io.ringfence.vhostuser.virtqueue.PackedLayout.EVENT_DESCRIPTOR;
import static io.ringfence.vhostuser.virtqueue.PackedLayout.EVENT_DISABLE;
import static io.ringfence.vhostuser.virtqueue.PackedLayout.EVENT_ENABLE;
import static io.ringfence.vhostuser.virtqueue.PackedLayout.EVENT_FLAGS_SHIFT;
import static io.ringfence.vhostuser.virtqueue.PackedLayout.offsetAndWrap;
import static io.ringfence.vhostuser.virtqueue.RawDriver.use;
import static io.ringfence.vhostuser.virtqueue.RawPackedRing.SIZE;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.vhostuser.protocol.Features;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** When a packed queue calls its driver, and asks for kicks. */
class PackedNotificationsTest {
    private final RawPackedRing ring = new RawPackedRing();

    @AfterEach
    void close() {
        ring.close();
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
}

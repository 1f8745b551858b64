package io.ringfence.dataplane.path;

import static io.ringfence.dataplane.path.Frames.address;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.dataplane.control.Lan;
import io.ringfence.dataplane.offload.Offloads;
import io.ringfence.dataplane.path.RawGuest.Received;
import io.ringfence.dataplane.telemetry.Counter;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a guest's root can write into headers that leave work to others. */
class HostileOffloadTest {
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void shouldDropOrPassOnButNeverChangeAddressesWhenHeadersAreHostile(long seed) {
        Random random = new Random(seed);
        List<GuestOffloads> all = List.of(GuestOffloads.values());
        GuestOffloads takes = all.get((int) seed % all.size());
        try (OffloadPair pair = new OffloadPair(
                random,
                new RawGuest(OffloadPair.SENDS, 1024, 1),
                new RawGuest(takes.features | RawGuest.MERGEABLE, 1024, 1))) {
            Lan lan = pair.lan;
            long sent = 0;
            for (int i = 0; i < 700; i++) {
                OffloadFrame frame = OffloadFrame.random(
                        random,
                        address(1),
                        random.nextBoolean(),
                        random.nextBoolean(),
                        1 + random.nextInt(2_000),
                        1 + random.nextInt(1_400));
                byte[] header = frame.header();
                byte[] bytes = frame.bytes();
                for (int change = random.nextInt(3); change >= 0; change--) {
                    if (random.nextBoolean()) {
                        header[random.nextInt(10)] =
                                (byte) (random.nextBoolean() ? random.nextInt() : random.nextInt(9));
                    } else {
                        bytes[12 + random.nextInt(frame.payload() - 12)] = (byte) random.nextInt();
                    }
                }
                bytes = Arrays.copyOf(
                        bytes, random.nextInt(4) > 0 ? bytes.length : 14 + random.nextInt(bytes.length - 14));
                pair.receiver.offer(400 - pair.receiver.receiver().inFlight(), 1526);
                pair.sender.sendScattered(random, header, bytes);
                sent++;
                lan.settle();
                for (Received received : pair.received()) {
                    assertThat(Arrays.copyOf(received.frame(), 12)).isEqualTo(Arrays.copyOf(bytes, 12));
                    shouldMakeSense(received, Offloads.ofReceiver(takes.features));
                }
            }
            assertThat(lan.count(0, Counter.TRANSMITTED_FRAMES)).isEqualTo(sent);
            assertThat(lan.drops())
                    .as(lan.describe(0))
                    .isEqualTo(lan.count(0, Counter.DROPPED_BAD_OFFLOAD) + lan.count(0, Counter.DROPPED_OVERSIZE));
            assertThat(lan.count(0, Counter.DROPPED_BAD_OFFLOAD)).isBetween(50L, 650L);
            assertThat(pair.sender.reclaimed()).isEqualTo((int) sent);
        }
    }

    /** What a driver is told must fit the frame, and be no more than it takes. */
    private static void shouldMakeSense(Received received, int taken) {
        byte[] header = received.header();
        int length = received.frame().length;
        assertThat(header[0]).isIn((byte) 0, (byte) 1);
        if (header[0] == 0) {
            assertThat(header).containsOnly(0);
            return;
        }
        assertThat(taken & Offloads.CHECKSUM).isNotZero();
        int start = (header[6] & 0xff) | (header[7] & 0xff) << 8;
        int field = start + ((header[8] & 0xff) | (header[9] & 0xff) << 8);
        assertThat(start).isBetween(14, length - 2);
        assertThat(field).isBetween(14, length - 2);
        if (header[1] != 0) {
            assertThat(taken & Offloads.SEGMENTATION).isNotZero();
            int headers = (header[2] & 0xff) | (header[3] & 0xff) << 8;
            int segment = (header[4] & 0xff) | (header[5] & 0xff) << 8;
            assertThat(headers).isBetween(14 + 20 + 8, length - 1);
            assertThat(segment).isBetween(1, length - headers - 1);
        }
    }
}

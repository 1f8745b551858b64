package io.ringfence.vhostuser.virtqueue;

import static io.ringfence.vhostuser.virtqueue.PackedLayout.*;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Packed transmit queues in which QEMU has been the device while there was no back-end.
 *
 * <p>Chains have one descriptor here, as Linux has them with INDIRECT_DESC. Of longer ones QEMU may use the last descriptors and leave
 * the first: those queues are stopped.
 */
class OtherDeviceTest {
    /** QEMU 7.2: it drops what is available where it believes the queue to be, and tells the next back-end where that is now. */
    private static final class Qemu {
        private final RawPackedRing ring;
        private int position;
        private int dropped;
        /** Fewer than a round at a time: what a guest sends before it knows that its link is down. */
        private int left;

        Qemu(RawPackedRing ring) {
            this.ring = ring;
        }

        void drop() {
            while (left > 0
                    && (ring.flags(slot(position, ring.size)) & DESCRIPTOR_OWNER_MASK)
                            == availableFlags(position, ring.size)) {
                int id = ring.id(slot(position, ring.size));
                ring.descriptor(
                        slot(position, ring.size), ring.address(ring.buffer), 0, id, usedFlags(position, ring.size));
                position = advance(position, 1, ring.size);
                dropped++;
                left--;
            }
        }

        PackedVirtqueue start(RedoLog log) {
            left = ring.size - 1;
            return new PackedVirtqueue(ring.setup(1, base(position, ring.size)), ring.mapped(), 0, log);
        }
    }

    /** Commits so many chains, of those that there are; shows them, or dies before that. */
    private static void serve(PackedVirtqueue device, int chains, boolean shown) {
        BufferChain chain = new BufferChain();
        int count = Math.min(chains, device.available());
        for (int i = 0; i < count; i++) {
            assertThat(device.peek(i, false, chain)).isTrue();
            device.stage(i, chain.head(), 0);
        }
        device.commit(count);
        if (shown) {
            device.publish();
        }
    }

    @ParameterizedTest
    @CsvSource({"3, 1", "5, 2", "8, 3", "8, 4", "13, 5", "13, 6", "64, 7", "64, 8", "64, 9"})
    void shouldGiveEachChainBackOnceAndInOrderWhoeverWasTheDevice(int size, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        RedoLog log = RedoLog.ofProcess(size);
        try (RawPackedRing ring = new RawPackedRing(size)) {
            PackedDriver driver = new PackedDriver(ring, false, false);
            Qemu qemu = new Qemu(ring);
            for (int life = 0; life < 2_000; life++) {
                PackedVirtqueue device = qemu.start(log);
                device.arm(); // has it look where it is
                for (int visits = random.nextInt(4); visits > 0; visits--) {
                    for (int i = random.nextInt(size + 1); i > 0; i--) {
                        driver.post(1);
                    }
                    serve(device, random.nextInt(size + 1), visits > 1 || random.nextBoolean());
                    assertThat(device.fault()).isNull();
                    if (random.nextInt(3) > 0) {
                        driver.takeBack();
                    }
                }
                for (int i = random.nextInt(size); i > 0; i--) {
                    driver.post(1);
                    if (random.nextInt(4) == 0) {
                        qemu.drop();
                        driver.takeBack();
                    }
                }
            }
            PackedVirtqueue survivor = qemu.start(log);
            while (survivor.available() > 0) {
                serve(survivor, 1, true);
            }
            driver.takeBack();

            assertThat(driver.posted).as("never given back").isEmpty();
            assertThat(qemu.dropped).as("chains that QEMU has used").isGreaterThan(100);
            assertThat(driver.found).as("chains in all").hasSizeGreaterThan(2 * qemu.dropped);
        }
    }

    /** As seen with QEMU 7.2: two frames before the end of the ring, and one at its beginning, where QEMU still was. */
    @Test
    void shouldGoOnBehindWhatQemuHasDropped() {
        RedoLog log = RedoLog.ofProcess(RawPackedRing.SIZE);
        try (RawPackedRing ring = new RawPackedRing()) {
            PackedDriver driver = new PackedDriver(ring, false, false);
            Qemu qemu = new Qemu(ring);
            PackedVirtqueue first = qemu.start(log);
            for (int i = 0; i < 2 * RawPackedRing.SIZE - 2; i++) {
                driver.post(1);
                serve(first, 1, true);
                driver.takeBack();
            }
            for (int i = 0; i < 3; i++) {
                driver.post(1);
            }
            qemu.drop();

            PackedVirtqueue second = qemu.start(log);

            assertThat(second.available()).as("frames before those").isEqualTo(2);
            serve(second, 2, true);
            assertThat(second.arm()).as("whether it is to look again").isTrue();
            driver.takeBack();
            assertThat(driver.posted).isEmpty();
            driver.post(1);
            assertThat(second.available()).as("frames behind those").isOne();
            assertThat(second.fault()).isNull();
        }
    }
}

package io.ringfence.vhostuser.virtqueue;

import static io.ringfence.vhostuser.virtqueue.DescriptorLayout.DESCRIPTOR_LENGTH;
import static io.ringfence.vhostuser.virtqueue.PackedLayout.*;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.vhostuser.protocol.Features;
import io.ringfence.vhostuser.virtqueue.PackedDriver.Used;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Packed queues whose device dies, and another one that goes on with nothing but the ring and the log. */
class RedoLogTest {
    private static final int BEGINNING = 0x8000_8000;
    private static final int SIZE = RawPackedRing.SIZE;

    /** How far the device comes with its last batch. */
    private enum Death {
        STAGED,
        COMMITTED,
        SHOWN,
        PUBLISHED
    }

    @ParameterizedTest
    @CsvSource({
        "1, 1, 0, 0",
        "2, 2, 1, 0",
        "3, 3, 0, 0",
        "8, 4, 1, 0",
        "8, 5, 0, 0",
        "8, 6, 1, 0x800000000",
        "13, 7, 0, 0",
        "13, 8, 1, 0x800000000",
        "64, 9, 0, 0",
        "64, 10, 1, 0x800000000",
        "64, 11, 1, 0",
    })
    void shouldGiveEachChainBackOnceAndInOrderWheneverDeviceDies(int size, long seed, int index, long features) {
        haveDeviceDie(size, seed, index, features, false);
    }

    /** As the embedded guests are: they read from the ring where the device is. */
    @ParameterizedTest
    @CsvSource({
        "1, 1, 0, 0",
        "3, 2, 1, 0",
        "5, 3, 0, 0",
        "8, 4, 1, 0",
        "8, 5, 0, 0",
        "13, 6, 1, 0",
        "64, 7, 0, 0",
        "64, 8, 1, 0"
    })
    void shouldGiveEachChainBackOnceAndInOrderWhenTheFrontEndKnowsItsRing(
            int size, long seed, int index, long features) {
        haveDeviceDie(size, seed, index, features, true);
    }

    private static void haveDeviceDie(int size, long seed, int index, long features, boolean knowing) {
        SplittableRandom random = new SplittableRandom(seed);
        boolean receives = index == 0;
        RedoLog log = RedoLog.ofProcess(size);
        BufferChain chain = new BufferChain();
        List<Used> expected = new ArrayList<>();
        try (RawPackedRing ring = new RawPackedRing(size)) {
            PackedDriver driver = new PackedDriver(ring, receives, (features & Features.IN_ORDER) != 0 && !receives);
            for (int life = 0; life < 400; life++) {
                // The beginning is what QEMU says when it has never been told anything else.
                int base = knowing ? base(driver.usedUntil(), size) : BEGINNING;
                PackedVirtqueue device = new PackedVirtqueue(ring.setup(index, base), ring.mapped(), features, log);
                int batches = random.nextInt(4);
                Death death = Death.values()[random.nextInt(Death.values().length)];
                for (int batch = 0; batch <= batches; batch++) {
                    for (int i = random.nextInt(size + 1); i > 0; i--) {
                        driver.post(1 + random.nextInt(Math.min(size, 3)));
                    }
                    boolean last = batch == batches;
                    device.arm(); // has it look where it is
                    int before = position(device.base() & 0xffff, size);
                    byte[] ringBefore = descriptors(ring).toArray(ValueLayout.JAVA_BYTE);
                    int commits = random.nextInt(4);
                    for (int commit = 0; commit < commits; commit++) {
                        int available = device.available();
                        int chains = available == 0 ? 0 : random.nextInt(available + 1);
                        List<Used> used = new ArrayList<>();
                        for (int i = 0; i < chains; i++) {
                            assertThat(device.peek(i, receives, chain)).isTrue();
                            int length = receives ? random.nextInt(1, 1 << 20) : 0;
                            device.stage(i, chain.head(), length);
                            used.add(new Used(chain.head(), length));
                        }
                        if (!last || death != Death.STAGED) {
                            device.commit(chains);
                            expected.addAll(used);
                        }
                    }
                    assertThat(device.fault()).isNull();
                    if (!last || death == Death.PUBLISHED) {
                        device.publish();
                    } else if (death == Death.SHOWN) {
                        byte[] logBefore = log.memory().toArray(ValueLayout.JAVA_BYTE);
                        device.publish();
                        MemorySegment.copy(logBefore, 0, log.memory(), ValueLayout.JAVA_BYTE, 0, logBefore.length);
                    } else {
                        forgetSome(descriptors(ring), ringBefore, slot(before, size), random);
                    }
                    if (random.nextInt(3) > 0) {
                        driver.takeBack();
                    }
                }
            }
            int base = knowing ? base(driver.usedUntil(), size) : BEGINNING;
            PackedVirtqueue survivor = new PackedVirtqueue(ring.setup(index, base), ring.mapped(), features, log);
            for (int left = survivor.available(); left > 0; left--) {
                assertThat(survivor.peek(0, receives, chain)).isTrue();
                survivor.stage(0, chain.head(), 7);
                survivor.commit(1);
                expected.add(new Used(chain.head(), receives || features == 0 ? 7 : 0));
            }
            survivor.publish();
            driver.takeBack();

            assertThat(driver.found.stream().map(Used::id).toList())
                    .containsExactlyElementsOf(expected.stream().map(Used::id).toList());
            if (receives) {
                assertThat(driver.found).isEqualTo(expected);
            }
            assertThat(driver.posted).as("never given back").isEmpty();
            assertThat(expected.size()).isGreaterThan(100);
        }
    }

    private static MemorySegment descriptors(RawPackedRing ring) {
        return ring.memory.segment().asSlice(ring.ring, (long) DESCRIPTOR_LENGTH * ring.size);
    }

    /** Takes back what a device that died before it had shown its batch may not have come to: any of its used descriptors. */
    private static void forgetSome(MemorySegment ring, byte[] before, int first, SplittableRandom random) {
        for (int offset = 0; offset < before.length; offset += DESCRIPTOR_LENGTH) {
            if (random.nextBoolean() || offset == DESCRIPTOR_LENGTH * first) {
                MemorySegment.copy(before, offset, ring, ValueLayout.JAVA_BYTE, offset, DESCRIPTOR_LENGTH);
            }
        }
    }

    private static void serve(PackedVirtqueue device, int chains) {
        BufferChain chain = new BufferChain();
        for (int i = 0; i < chains; i++) {
            assertThat(device.available()).isPositive();
            assertThat(device.peek(0, false, chain)).isTrue();
            device.stage(0, chain.head(), 0);
            device.commit(1);
            device.publish();
        }
    }

    /** A queue whose memory was away for a while goes on by what this process knows; QEMU still says the beginning when it has died. */
    @ParameterizedTest
    @CsvSource({"3, 1", "3, 5", "6, 6", "9, 1", "9, 5", "12, 9", "20, 3"})
    void shouldGoOnWhereItWasWhenItHadBeenSuspendedBeforeItDied(int before, int after) {
        RedoLog log = RedoLog.ofProcess(SIZE);
        try (RawPackedRing ring = new RawPackedRing()) {
            PackedVirtqueue first = haveServed(ring, log, before);
            PackedVirtqueue second = new PackedVirtqueue(ring.setup(1, first.base()), ring.mapped(), 0, log);
            for (int i = 0; i < after; i++) {
                ring.offer(i % SIZE, 0);
                serve(second, 1);
            }
            ring.offer(0, 0);

            PackedVirtqueue third = new PackedVirtqueue(ring.setup(1, BEGINNING), ring.mapped(), 0, log);

            assertThat(third.available()).isOne();
            assertThat(third.base()).isEqualTo(second.base());
        }
    }

    @Test
    void shouldCallDriverWhenItGoesOn() {
        RedoLog log = RedoLog.ofProcess(SIZE);
        try (RawPackedRing ring = new RawPackedRing()) {
            ring.offer(0, 0);
            serve(new PackedVirtqueue(ring.setup(1, BEGINNING), ring.mapped(), 0, log), 1);
            ring.call.drain();

            new PackedVirtqueue(ring.setup(1, BEGINNING), ring.mapped(), 0, log).arm();

            assertThat(ring.call.drain()).isPositive();
        }
    }

    /** Also if QEMU, the device while there is no back-end, has written the device's event suppression since. */
    @ParameterizedTest
    @CsvSource({
        "3, 0, 0",
        "3, 3, 0",
        "3, 8, 0",
        "3, 0, 0x10000",
        "3, 2, 0x10000",
        "3, 8, 0x10000",
        "11, 0, 0x28000",
        "11, 2, 0x28000",
        "11, 3, 0x28000",
        "11, 8, 0x28000",
        "19, 0, 0x10000",
        "8, 0, 0x10000",
        "8, 3, 0x10000",
        "16, 3, 0x10000"
    })
    void shouldStartAtTheBeginningWhenDriverHasSetItsRingUpAnew(int served, int early, int deviceEvent) {
        RedoLog log = RedoLog.ofProcess(SIZE);
        try (RawPackedRing ring = new RawPackedRing()) {
            haveServed(ring, log, served);
            setUpAnew(ring, early, deviceEvent);

            PackedVirtqueue device = new PackedVirtqueue(ring.setup(1, BEGINNING), ring.mapped(), 0, log);

            assertThat(device.available()).isEqualTo(early);
            assertThat(device.base()).isEqualTo(BEGINNING);
            assertThat(device.fault()).isNull();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 11})
    void shouldNotShowABatchOfTheRingThatWasThereBefore(int served) {
        RedoLog log = RedoLog.ofProcess(SIZE);
        try (RawPackedRing ring = new RawPackedRing()) {
            PackedVirtqueue earlier = haveServed(ring, log, served);
            ring.offer(0, 0);
            BufferChain chain = new BufferChain();
            assertThat(earlier.available()).isOne();
            assertThat(earlier.peek(0, false, chain)).isTrue();
            earlier.stage(0, chain.head(), 0);
            earlier.commit(1);
            setUpAnew(ring, 1, EVENT_DISABLE << EVENT_FLAGS_SHIFT);
            byte[] before = descriptors(ring).toArray(ValueLayout.JAVA_BYTE);

            PackedVirtqueue device = new PackedVirtqueue(ring.setup(1, BEGINNING), ring.mapped(), 0, log);

            assertThat(device.available()).isOne();
            assertThat(descriptors(ring).toArray(ValueLayout.JAVA_BYTE)).isEqualTo(before);
        }
    }

    /** A device that has served so many chains, one by one. */
    private static PackedVirtqueue haveServed(RawPackedRing ring, RedoLog log, int chains) {
        PackedVirtqueue device = new PackedVirtqueue(ring.setup(1, BEGINNING), ring.mapped(), 0, log);
        for (int i = 0; i < chains; i++) {
            ring.offer(i % SIZE, 0);
            serve(device, 1);
        }
        return device;
    }

    private static void setUpAnew(RawPackedRing ring, int early, int deviceEvent) {
        ring.memory.segment().fill((byte) 0);
        ring.memory.segment().set(ValueLayout.JAVA_INT, ring.deviceEvent, deviceEvent);
        ring.position = 0;
        for (int id = 0; id < early; id++) {
            ring.offer(id, 0);
        }
    }

    @Test
    void shouldTakeTheFrontEndsWordWhenItWasToldOrTheRingIsAnother() {
        RedoLog log = RedoLog.ofProcess(SIZE);
        try (RawPackedRing ring = new RawPackedRing();
                RawPackedRing other = new RawPackedRing()) {
            for (int id = 0; id < 5; id++) {
                ring.offer(id, 0);
                other.offer(id, 0);
            }
            PackedVirtqueue first = new PackedVirtqueue(ring.setup(1, BEGINNING), ring.mapped(), 0, log);
            serve(first, 3);
            new PackedVirtqueue(other.setup(1, BEGINNING), other.mapped(), 0).arm();

            PackedVirtqueue stranger = new PackedVirtqueue(other.setup(1, BEGINNING), other.mapped(), 0, log);
            assertThat(stranger.available()).as("of another front-end's ring").isEqualTo(5);

            stranger.handBack();
            int told = first.base();
            PackedVirtqueue second = new PackedVirtqueue(ring.setup(1, told), ring.mapped(), 0, log);
            assertThat(second.available()).as("where the front-end was told").isEqualTo(2);
        }
    }

    /** It is stopped before its worker has looked: what the log says must not be lost, since the front-end was told nothing new. */
    @Test
    void shouldKeepThePlaceWhenQueueIsHandedBackBeforeItWasUsed() {
        RedoLog log = RedoLog.ofProcess(SIZE);
        try (RawPackedRing ring = new RawPackedRing()) {
            for (int id = 0; id < 5; id++) {
                ring.offer(id, 0);
            }
            serve(new PackedVirtqueue(ring.setup(1, BEGINNING), ring.mapped(), 0, log), 3);
            PackedVirtqueue idle = new PackedVirtqueue(ring.setup(1, BEGINNING), ring.mapped(), 0, log);
            int told = idle.base();
            idle.handBack();

            assertThat(new PackedVirtqueue(ring.setup(1, told), ring.mapped(), 0, log).available())
                    .isEqualTo(2);
        }
    }

    @Test
    void shouldStopWhenRingAndLogContradictEachOther() {
        RedoLog log = RedoLog.ofProcess(SIZE);
        try (RawPackedRing ring = new RawPackedRing()) {
            for (int id = 0; id < 5; id++) {
                ring.offer(id, 0);
            }
            serve(new PackedVirtqueue(ring.setup(1, BEGINNING), ring.mapped(), 0, log), 3);
            RedoLog.count(log.memory(), 0, 1);

            PackedVirtqueue device = new PackedVirtqueue(ring.setup(1, BEGINNING), ring.mapped(), 0, log);

            assertThat(device.available()).isZero();
            assertThat(device.fault()).isEqualTo(RingFault.POSITION_LOST);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0x0000_ffff, 0x0001_0002 | SIZE << 17, 0xffff_0000})
    void shouldStopWhenLogIsGarbage(int countAndPosition) {
        RedoLog log = RedoLog.ofProcess(SIZE);
        try (RawPackedRing ring = new RawPackedRing()) {
            ring.offer(0, 0);
            serve(new PackedVirtqueue(ring.setup(1, BEGINNING), ring.mapped(), 0, log), 1);
            RedoLog.count(log.memory(), countAndPosition >>> 16, countAndPosition & 0xffff);

            PackedVirtqueue device = new PackedVirtqueue(ring.setup(1, BEGINNING), ring.mapped(), 0, log);

            assertThat(device.available()).isZero();
            assertThat(device.fault()).isEqualTo(RingFault.POSITION_LOST);
        }
    }

    @Test
    void shouldStopWhenTheFirstEntryOfTheLogIsGarbage() {
        RedoLog log = RedoLog.ofProcess(SIZE);
        try (RawPackedRing ring = new RawPackedRing()) {
            haveServed(ring, log, 1);
            log.memory().set(ValueLayout.JAVA_LONG, RedoLog.entryOffset(0), -1);

            PackedVirtqueue device = new PackedVirtqueue(ring.setup(1, BEGINNING), ring.mapped(), 0, log);

            assertThat(device.available()).isZero();
            assertThat(device.fault()).isEqualTo(RingFault.POSITION_LOST);
        }
    }
}

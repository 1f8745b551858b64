package io.ringfence.vhostuser.virtqueue;

import static io.ringfence.vhostuser.virtqueue.RawRing.INDIRECT;
import static io.ringfence.vhostuser.virtqueue.RawRing.INDIRECT_DESC;
import static io.ringfence.vhostuser.virtqueue.RawRing.NEXT;
import static io.ringfence.vhostuser.virtqueue.RawRing.SIZE;
import static io.ringfence.vhostuser.virtqueue.RawRing.WRITE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.ringfence.vhostuser.frontend.SharedMemory;
import io.ringfence.vhostuser.memory.GuestMemory;
import io.ringfence.vhostuser.memory.MemoryRegion;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a guest's root can write into a ring: the queue stops with the right reason and nothing is touched. */
class HostileRingTest {
    record Attack(String name, RingFault expected, long features, Consumer<RawRing> attacker) {
        Attack(String name, RingFault expected, Consumer<RawRing> attacker) {
            this(name, expected, INDIRECT_DESC, attacker);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Attack> attacks() {
        return Stream.of(
                        HostileBuffer.buffers().map(HostileRingTest::buffer),
                        HostileBuffer.tables(SIZE).map(hostile -> table(hostile, INDIRECT)),
                        chains())
                .flatMap(attacks -> attacks);
    }

    private static Stream<Attack> chains() {
        return Stream.of(
                new Attack("two descriptors in a loop", RingFault.DESCRIPTOR_LOOP, ring -> {
                    ring.descriptor(0, ring.address(ring.buffer), 16, NEXT, 1);
                    ring.descriptor(1, ring.address(ring.buffer), 16, NEXT, 0);
                    ring.offer(0);
                }),
                new Attack("descriptor that is its own next", RingFault.DESCRIPTOR_LOOP, ring -> {
                    ring.descriptor(3, ring.address(ring.buffer), 0, NEXT, 3);
                    ring.offer(3);
                }),
                new Attack("loop inside an indirect table", RingFault.DESCRIPTOR_LOOP, ring -> {
                    ring.entry(0, ring.address(ring.buffer), 16, NEXT, 1);
                    ring.entry(1, ring.address(ring.buffer), 16, NEXT, 0);
                    ring.descriptor(0, ring.address(ring.table), 32, INDIRECT, 0);
                    ring.offer(0);
                }),
                new Attack("next beyond the table", RingFault.DESCRIPTOR_INDEX, ring -> {
                    ring.descriptor(0, ring.address(ring.buffer), 16, NEXT, SIZE);
                    ring.offer(0);
                }),
                new Attack("next beyond the indirect table", RingFault.DESCRIPTOR_INDEX, ring -> {
                    ring.entry(0, ring.address(ring.buffer), 16, NEXT, 2);
                    ring.descriptor(0, ring.address(ring.table), 32, INDIRECT, 0);
                    ring.offer(0);
                }),
                new Attack("head beyond the table", RingFault.DESCRIPTOR_INDEX, ring -> ring.offer(SIZE)),
                new Attack("head 65535", RingFault.DESCRIPTOR_INDEX, ring -> ring.offer(65535)),
                new Attack(
                        "available index ahead by more than the queue",
                        RingFault.AVAILABLE_INDEX,
                        ring -> ring.availableIndex(SIZE + 1)),
                new Attack("available index backwards", RingFault.AVAILABLE_INDEX, ring -> ring.availableIndex(-1)),
                new Attack("second descriptor unmapped", RingFault.UNMAPPED_ADDRESS, ring -> {
                    ring.descriptor(0, ring.address(ring.buffer), 16, NEXT, 1);
                    ring.descriptor(1, 0xdead_0000_0000L, 16, 0, 0);
                    ring.offer(0);
                }),
                new Attack("writable buffer in a transmit chain", RingFault.DIRECTION, ring -> {
                    ring.descriptor(0, ring.address(ring.buffer), 16, WRITE, 0);
                    ring.offer(0);
                }),
                new Attack("writable buffer at the end of a transmit chain", RingFault.DIRECTION, ring -> {
                    ring.descriptor(0, ring.address(ring.buffer), 16, NEXT, 1);
                    ring.descriptor(1, ring.address(ring.buffer), 16, WRITE, 0);
                    ring.offer(0);
                }),
                new Attack("indirect without the feature", RingFault.INDIRECT, 0, ring -> {
                    ring.entry(0, ring.address(ring.buffer), 16, 0, 0);
                    ring.descriptor(0, ring.address(ring.table), 16, INDIRECT, 0);
                    ring.offer(0);
                }),
                table(
                        new HostileBuffer("indirect with next", RingFault.INDIRECT, SharedMemory::guestAddress, 32),
                        INDIRECT | NEXT),
                new Attack("nested indirect tables", RingFault.INDIRECT, ring -> {
                    ring.entry(0, ring.address(ring.table), 16, INDIRECT, 0);
                    ring.descriptor(0, ring.address(ring.table), 16, INDIRECT, 0);
                    ring.offer(0);
                }),
                new Attack(
                        "descriptors before a table that together exceed the queue",
                        RingFault.DESCRIPTOR_LOOP,
                        ring -> {
                            for (int i = 0; i < SIZE - 1; i++) {
                                ring.descriptor(i, ring.address(ring.buffer), 1, NEXT, i + 1);
                            }
                            ring.entry(0, ring.address(ring.buffer), 1, NEXT, 1);
                            ring.entry(1, ring.address(ring.buffer), 1, 0, 0);
                            ring.descriptor(SIZE - 1, ring.address(ring.table), 32, INDIRECT, 0);
                            ring.offer(0);
                        }));
    }

    private static Attack buffer(HostileBuffer hostile) {
        return new Attack(hostile.name(), hostile.expected(), ring -> {
            ring.descriptor(0, hostile.address().of(ring.memory, ring.buffer), hostile.length(), 0, 0);
            ring.offer(0);
        });
    }

    private static Attack table(HostileBuffer hostile, int flags) {
        return new Attack(hostile.name(), hostile.expected(), ring -> {
            ring.entry(0, ring.address(ring.buffer), 16, NEXT, 1);
            ring.entry(1, ring.address(ring.buffer), 16, 0, 0);
            ring.descriptor(0, hostile.address().of(ring.memory, ring.table), hostile.length(), flags, 1);
            ring.offer(0);
        });
    }

    @ParameterizedTest
    @MethodSource("attacks")
    void shouldStopQueueAndTouchNothingWhenDriverBreaksRule(Attack attack) {
        try (RawRing ring = new RawRing()) {
            SplitVirtqueue device = ring.device(attack.features());
            attack.attacker().accept(ring);
            byte[] before = ring.contents();

            boolean taken = device.available() > 0 && device.peek(0, false, new BufferChain());

            assertThat(taken).isFalse();
            assertThat(device.fault()).isEqualTo(attack.expected());
            assertThat(device.available()).as("buffers of a stopped queue").isZero();
            assertThat(ring.call.drain()).as("the driver is told").isOne();
            assertThat(ring.error.drain()).as("the front-end is told").isOne();
            assertThat(ring.contents()).isEqualTo(before);
        }
    }

    @Test
    void shouldStayStoppedAndSilentWhenUsedOnAfterFault() {
        try (RawRing ring = new RawRing()) {
            SplitVirtqueue device = ring.device(0);
            ring.offer(SIZE);
            device.available();
            device.peek(0, false, new BufferChain());
            byte[] before = ring.contents();

            device.stop(RingFault.UNMAPPED_ADDRESS);

            assertThat(device.fault()).isEqualTo(RingFault.DESCRIPTOR_INDEX);
            assertThat(device.arm()).isFalse();
            device.disarm();
            assertThat(device.publish()).isFalse();
            assertThat(ring.call.drain()).isOne();
            assertThat(ring.contents()).isEqualTo(before);
        }
    }

    @Test
    void shouldStopQueueWhenLengthsOfChainExceed31Bits() {
        try (RawRing ring = new RawRing(SIZE, 1 << 30)) {
            SplitVirtqueue device = ring.device(0);
            for (int i = 0; i < 3; i++) {
                ring.descriptor(i, ring.address(0), 1 << 30, i < 2 ? NEXT : 0, i + 1);
            }
            ring.offer(0);

            assertThat(device.available()).isOne();
            assertThat(device.peek(0, false, new BufferChain())).isFalse();
            assertThat(device.fault()).isEqualTo(RingFault.LENGTH);
        }
    }

    @Test
    void shouldStopQueueWhenBufferCrossesHoleBetweenRegions() {
        try (RawRing ring = new RawRing()) {
            long hole = ring.buffer + 4096;
            GuestMemory holed = new GuestMemory(
                    List.of(RawRing.region(ring.memory, 0, hole), RawRing.region(ring.memory, hole + 4096, 1 << 20)));
            SplitVirtqueue device = new SplitVirtqueue(ring.setup(), holed, 0);
            ring.descriptor(0, ring.address(hole - 16), 4096 + 32, 0, 0);
            ring.offer(0);

            assertThat(device.available()).isOne();
            assertThat(device.peek(0, false, new BufferChain())).isFalse();
            assertThat(device.fault()).isEqualTo(RingFault.UNMAPPED_ADDRESS);
            holed.regions().forEach(MemoryRegion::close);
        }
    }

    @Test
    void shouldStopQueueWhenIndirectTableCrossesRegions() {
        try (RawRing ring = new RawRing()) {
            GuestMemory split = RawRing.map(ring.memory, 0, ring.table + 16, 1 << 20);
            SplitVirtqueue device = new SplitVirtqueue(ring.setup(), split, INDIRECT_DESC);
            ring.entry(0, ring.address(ring.buffer), 16, NEXT, 1);
            ring.entry(1, ring.address(ring.buffer), 16, 0, 0);
            ring.descriptor(0, ring.address(ring.table), 32, INDIRECT, 0);
            ring.offer(0);

            assertThat(device.available()).isOne();
            assertThat(device.peek(0, false, new BufferChain())).isFalse();
            assertThat(device.fault()).isEqualTo(RingFault.UNMAPPED_ADDRESS);
            split.regions().forEach(MemoryRegion::close);
        }
    }

    @Test
    void shouldReportCostOfChainWhenDescriptorsAllPointAtOneByte() {
        try (RawRing ring = new RawRing(256, 1 << 20)) {
            SplitVirtqueue device = ring.device(INDIRECT_DESC);
            for (int i = 0; i < 256; i++) {
                ring.entry(i, ring.address(ring.buffer), 1, i < 255 ? NEXT : 0, i + 1);
            }
            ring.descriptor(0, ring.address(ring.table), 16 * 256, INDIRECT | WRITE, 0);
            ring.offer(0);
            BufferChain chain = new BufferChain();

            assertThat(device.available()).isOne();
            assertThat(device.peek(0, false, chain)).isTrue();
            assertThat(chain.descriptors()).isEqualTo(256);
            assertThat(chain.count()).isEqualTo(256);
            assertThat(chain.lengthBytes()).isEqualTo(256);
        }
    }

    @Test
    void shouldStopQueueWhenChainHasMorePiecesThanFit() {
        try (RawRing ring = new RawRing(2048, 1 << 20)) {
            SplitVirtqueue device = ring.device(INDIRECT_DESC);
            for (int i = 0; i < 2048; i++) {
                ring.entry(i, ring.address(ring.buffer), 1, i < 2047 ? NEXT : 0, i + 1);
            }
            ring.descriptor(0, ring.address(ring.table), 16 * 2048, INDIRECT, 0);
            ring.offer(0);

            assertThat(device.available()).isOne();
            assertThat(device.peek(0, false, new BufferChain())).isFalse();
            assertThat(device.fault()).isEqualTo(RingFault.DESCRIPTOR_LOOP);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldStopReadingWhenChainGoesOnWithoutAnyBytes(boolean indirect) {
        try (RawRing ring = new RawRing(4096, 1 << 20)) {
            SplitVirtqueue device = ring.device(INDIRECT_DESC);
            for (int i = 0; i < 4096; i++) {
                int flags = i < 4095 ? NEXT : 0;
                if (indirect) {
                    ring.entry(i, ring.address(ring.buffer), 0, flags, i + 1);
                } else {
                    ring.descriptor(i, ring.address(ring.buffer), 0, flags, i + 1);
                }
            }
            if (indirect) {
                ring.descriptor(0, ring.address(ring.table), 16 * 4096, INDIRECT, 0);
            }
            ring.offer(0);
            BufferChain chain = new BufferChain();

            assertThat(device.available()).isOne();
            assertThat(device.peek(0, false, chain)).isFalse();
            assertThat(device.fault()).isEqualTo(RingFault.DESCRIPTOR_LOOP);
            assertThat(chain.descriptors())
                    .as("descriptors counted when it stopped: the one too many")
                    .isEqualTo(BufferChain.MAX_PIECES + 1);
        }
    }

    @Test
    void shouldUseEachEntryOnceWhenSameHeadIsOfferedAgainAndAgain() {
        try (RawRing ring = new RawRing()) {
            SplitVirtqueue device = ring.device(0);
            ring.descriptor(5, ring.address(ring.buffer), 16, 0, 0);
            ring.offer(5, 5, 5, 5, 5, 5, 5, 5);
            BufferChain chain = new BufferChain();

            int count = device.available();
            for (int i = 0; i < count; i++) {
                assertThat(device.peek(i, false, chain)).isTrue();
                device.stage(i, chain.head(), 0);
            }
            device.commit(count);
            device.publish();

            assertThat(count).isEqualTo(SIZE);
            assertThat(ring.readShort(ring.used + SplitLayout.USED_INDEX_OFFSET))
                    .isEqualTo((short) SIZE);
            assertThat(device.fault()).isNull();
        }
    }

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
            GuestMemory split = RawRing.map(ring.memory, 0, ring.used + 8, 1 << 20);

            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new SplitVirtqueue(ring.setup(), split, 0))
                    .withMessageContaining("used ring")
                    .withMessageContaining("not wholly inside one of 2 regions");
            split.regions().forEach(MemoryRegion::close);
        }
    }

    @Test
    void shouldNeverLeaveItsMemoryWhenRingsOverlap() {
        try (RawRing ring = new RawRing()) {
            // All three rings at one place: each used entry overwrites descriptors and the available ring.
            SplitVirtqueue device = new SplitVirtqueue(ring.setup(SIZE, 0, 0, 0, 0), ring.mapped(), 0);
            BufferChain chain = new BufferChain();
            for (int round = 0; round < 1000 && device.fault() == null; round++) {
                int count = device.available();
                for (int i = 0; i < count && device.peek(i, (round & 1) == 0, chain); i++) {
                    device.stage(i, chain.head(), -1);
                    device.commit(1);
                }
                device.publish();
                ring.writeShort(SplitLayout.AVAILABLE_INDEX_OFFSET, round);
            }

            byte[] beyond = ring.memory.segment().asSlice(ring.buffer, 4096).toArray(ValueLayout.JAVA_BYTE);
            assertThat(beyond).containsOnly(0);
        }
    }
}

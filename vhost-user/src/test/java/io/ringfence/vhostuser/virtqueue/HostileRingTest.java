package io.ringfence.vhostuser.virtqueue;

import static io.ringfence.vhostuser.virtqueue.RawRing.INDIRECT;
import static io.ringfence.vhostuser.virtqueue.RawRing.INDIRECT_DESC;
import static io.ringfence.vhostuser.virtqueue.RawRing.NEXT;
import static io.ringfence.vhostuser.virtqueue.RawRing.SIZE;
import static io.ringfence.vhostuser.virtqueue.RawRing.WRITE;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.vhostuser.frontend.SharedMemory;
import io.ringfence.vhostuser.memory.GuestMemory;
import io.ringfence.vhostuser.memory.MemoryRegion;
import java.lang.foreign.ValueLayout;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a guest's root can write into a ring: the queue stops with the right reason and nothing is touched. */
class HostileRingTest {
    static Stream<Attack<RawRing>> attacks() {
        return Stream.of(
                        HostileBuffer.buffers().map(HostileRingTest::buffer),
                        HostileBuffer.tables(SIZE).map(hostile -> table(hostile, INDIRECT)),
                        chains())
                .flatMap(attacks -> attacks);
    }

    private static Stream<Attack<RawRing>> chains() {
        return Stream.of(
                new Attack<>("two descriptors in a loop", RingFault.DESCRIPTOR_LOOP, ring -> {
                    ring.descriptor(0, ring.address(ring.buffer), 16, NEXT, 1);
                    ring.descriptor(1, ring.address(ring.buffer), 16, NEXT, 0);
                    ring.offer(0);
                }),
                new Attack<>("descriptor that is its own next", RingFault.DESCRIPTOR_LOOP, ring -> {
                    ring.descriptor(3, ring.address(ring.buffer), 0, NEXT, 3);
                    ring.offer(3);
                }),
                new Attack<>("loop inside an indirect table", RingFault.DESCRIPTOR_LOOP, ring -> {
                    ring.entry(0, ring.address(ring.buffer), 16, NEXT, 1);
                    ring.entry(1, ring.address(ring.buffer), 16, NEXT, 0);
                    ring.descriptor(0, ring.address(ring.table), 32, INDIRECT, 0);
                    ring.offer(0);
                }),
                new Attack<>("next beyond the table", RingFault.DESCRIPTOR_INDEX, ring -> {
                    ring.descriptor(0, ring.address(ring.buffer), 16, NEXT, SIZE);
                    ring.offer(0);
                }),
                new Attack<>("next beyond the indirect table", RingFault.DESCRIPTOR_INDEX, ring -> {
                    ring.entry(0, ring.address(ring.buffer), 16, NEXT, 2);
                    ring.descriptor(0, ring.address(ring.table), 32, INDIRECT, 0);
                    ring.offer(0);
                }),
                new Attack<>("head beyond the table", RingFault.DESCRIPTOR_INDEX, ring -> ring.offer(SIZE)),
                new Attack<>("head 65535", RingFault.DESCRIPTOR_INDEX, ring -> ring.offer(65535)),
                new Attack<>(
                        "available index ahead by more than the queue",
                        RingFault.AVAILABLE_INDEX,
                        ring -> ring.availableIndex(SIZE + 1)),
                new Attack<>("available index backwards", RingFault.AVAILABLE_INDEX, ring -> ring.availableIndex(-1)),
                new Attack<>("second descriptor unmapped", RingFault.UNMAPPED_ADDRESS, ring -> {
                    ring.descriptor(0, ring.address(ring.buffer), 16, NEXT, 1);
                    ring.descriptor(1, 0xdead_0000_0000L, 16, 0, 0);
                    ring.offer(0);
                }),
                new Attack<>("writable buffer in a transmit chain", RingFault.DIRECTION, ring -> {
                    ring.descriptor(0, ring.address(ring.buffer), 16, WRITE, 0);
                    ring.offer(0);
                }),
                new Attack<>("writable buffer at the end of a transmit chain", RingFault.DIRECTION, ring -> {
                    ring.descriptor(0, ring.address(ring.buffer), 16, NEXT, 1);
                    ring.descriptor(1, ring.address(ring.buffer), 16, WRITE, 0);
                    ring.offer(0);
                }),
                new Attack<>("indirect without the feature", RingFault.INDIRECT, 0, ring -> {
                    ring.entry(0, ring.address(ring.buffer), 16, 0, 0);
                    ring.descriptor(0, ring.address(ring.table), 16, INDIRECT, 0);
                    ring.offer(0);
                }),
                table(
                        new HostileBuffer("indirect with next", RingFault.INDIRECT, SharedMemory::guestAddress, 32),
                        INDIRECT | NEXT),
                new Attack<>("nested indirect tables", RingFault.INDIRECT, ring -> {
                    ring.entry(0, ring.address(ring.table), 16, INDIRECT, 0);
                    ring.descriptor(0, ring.address(ring.table), 16, INDIRECT, 0);
                    ring.offer(0);
                }),
                new Attack<>(
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

    private static Attack<RawRing> buffer(HostileBuffer hostile) {
        return new Attack<>(hostile.name(), hostile.expected(), ring -> {
            ring.descriptor(0, hostile.address().of(ring.memory, ring.buffer), hostile.length(), 0, 0);
            ring.offer(0);
        });
    }

    private static Attack<RawRing> table(HostileBuffer hostile, int flags) {
        return new Attack<>(hostile.name(), hostile.expected(), ring -> {
            ring.entry(0, ring.address(ring.buffer), 16, NEXT, 1);
            ring.entry(1, ring.address(ring.buffer), 16, 0, 0);
            ring.descriptor(0, hostile.address().of(ring.memory, ring.table), hostile.length(), flags, 1);
            ring.offer(0);
        });
    }

    @ParameterizedTest
    @MethodSource("attacks")
    void shouldStopQueueAndTouchNothingWhenDriverBreaksRule(Attack<RawRing> attack) {
        try (RawRing ring = new RawRing()) {
            attack.requireStop(ring);
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
    void shouldStopQueueWhenBufferCrossesHoleBetweenRegions() {
        try (RawRing ring = new RawRing()) {
            long hole = ring.buffer + 4096;
            GuestMemory holed = ring.mapWithHole(hole, hole + 4096);
            SplitVirtqueue device = new SplitVirtqueue(ring.setup(), holed, 0);
            ring.descriptor(0, ring.address(hole - 16), 4096 + 32, 0, 0);
            ring.offer(0);

            Attack.requireStopByChain(device, RingFault.UNMAPPED_ADDRESS);
            holed.regions().forEach(MemoryRegion::close);
        }
    }

    @Test
    void shouldStopQueueWhenIndirectTableCrossesRegions() {
        try (RawRing ring = new RawRing()) {
            GuestMemory split = ring.map(0, ring.table + 16, 1 << 20);
            SplitVirtqueue device = new SplitVirtqueue(ring.setup(), split, INDIRECT_DESC);
            ring.entry(0, ring.address(ring.buffer), 16, NEXT, 1);
            ring.entry(1, ring.address(ring.buffer), 16, 0, 0);
            ring.descriptor(0, ring.address(ring.table), 32, INDIRECT, 0);
            ring.offer(0);

            Attack.requireStopByChain(device, RingFault.UNMAPPED_ADDRESS);
            split.regions().forEach(MemoryRegion::close);
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

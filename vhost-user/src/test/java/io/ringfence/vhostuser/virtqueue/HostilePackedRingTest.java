package io.ringfence.vhostuser.virtqueue;

import static io.ringfence.vhostuser.virtqueue.DescriptorLayout.DESCRIPTOR_F_INDIRECT;
import static io.ringfence.vhostuser.virtqueue.DescriptorLayout.DESCRIPTOR_F_NEXT;
import static io.ringfence.vhostuser.virtqueue.DescriptorLayout.DESCRIPTOR_F_WRITE;
import static io.ringfence.vhostuser.virtqueue.RawPackedRing.SIZE;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.vhostuser.memory.GuestMemory;
import io.ringfence.vhostuser.memory.MemoryRegion;
import io.ringfence.vhostuser.protocol.Features;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a guest's root can write into a packed ring: the queue stops with the right reason and nothing is touched. */
class HostilePackedRingTest {
    static Stream<Attack<RawPackedRing>> attacks() {
        return Stream.of(
                        HostileBuffer.buffers().map(HostilePackedRingTest::buffer),
                        HostileBuffer.tables(SIZE).map(HostilePackedRingTest::table),
                        chains())
                .flatMap(attacks -> attacks);
    }

    private static Stream<Attack<RawPackedRing>> chains() {
        return Stream.of(
                new Attack<>("list without end", RingFault.DESCRIPTOR_LOOP, ring -> {
                    for (int i = 0; i < SIZE; i++) {
                        ring.offer(i, DESCRIPTOR_F_NEXT);
                    }
                }),
                new Attack<>("list whose end is not available", RingFault.DESCRIPTOR_LOOP, ring -> {
                    for (int i = 0; i < SIZE; i++) {
                        ring.descriptor(i, ring.address(ring.buffer), 16, 0, i == 0 ? 0x81 : DESCRIPTOR_F_NEXT);
                    }
                }),
                new Attack<>("second descriptor unmapped", RingFault.UNMAPPED_ADDRESS, ring -> {
                    ring.offer(1, DESCRIPTOR_F_NEXT);
                    ring.offer(0xdead_0000_0000L, 16, 1, 0);
                }),
                new Attack<>(
                        "writable buffer in a transmit chain",
                        RingFault.DIRECTION,
                        ring -> ring.offer(1, DESCRIPTOR_F_WRITE)),
                new Attack<>("writable buffer at the end of a transmit chain", RingFault.DIRECTION, ring -> {
                    ring.offer(1, DESCRIPTOR_F_NEXT);
                    ring.offer(1, DESCRIPTOR_F_WRITE);
                }),
                new Attack<>("writable buffer in an indirect table", RingFault.DIRECTION, ring -> {
                    ring.entry(0, ring.address(ring.buffer), 16, DESCRIPTOR_F_WRITE);
                    ring.offer(ring.address(ring.table), 16, 0, DESCRIPTOR_F_INDIRECT);
                }),
                new Attack<>("indirect without the feature", RingFault.INDIRECT, 0, ring -> {
                    ring.entry(0, ring.address(ring.buffer), 16, 0);
                    ring.offer(ring.address(ring.table), 16, 0, DESCRIPTOR_F_INDIRECT);
                }),
                new Attack<>("indirect table at the end of a list", RingFault.INDIRECT, ring -> {
                    ring.entry(0, ring.address(ring.buffer), 16, 0);
                    ring.offer(1, DESCRIPTOR_F_NEXT);
                    ring.offer(ring.address(ring.table), 16, 0, DESCRIPTOR_F_INDIRECT);
                }),
                new Attack<>("indirect with next", RingFault.INDIRECT, ring -> {
                    ring.entry(0, ring.address(ring.buffer), 16, 0);
                    ring.offer(ring.address(ring.table), 16, 0, DESCRIPTOR_F_INDIRECT | DESCRIPTOR_F_NEXT);
                    ring.offer(1, 0);
                }));
    }

    private static Attack<RawPackedRing> buffer(HostileBuffer hostile) {
        return new Attack<>(
                hostile.name(),
                hostile.expected(),
                ring -> ring.offer(hostile.address().of(ring.memory, ring.buffer), hostile.length(), 0, 0));
    }

    private static Attack<RawPackedRing> table(HostileBuffer hostile) {
        return new Attack<>(hostile.name(), hostile.expected(), ring -> {
            ring.entry(0, ring.address(ring.buffer), 16, 0);
            ring.entry(1, ring.address(ring.buffer), 16, 0);
            ring.offer(hostile.address().of(ring.memory, ring.table), hostile.length(), 0, DESCRIPTOR_F_INDIRECT);
        });
    }

    @ParameterizedTest
    @MethodSource("attacks")
    void shouldStopQueueAndTouchNothingWhenDriverBreaksRule(Attack<RawPackedRing> attack) {
        try (RawPackedRing ring = new RawPackedRing()) {
            attack.requireStop(ring);
        }
    }

    @Test
    void shouldServeGoodChainsFirstWhenListWithoutEndFollows() {
        try (RawPackedRing ring = new RawPackedRing()) {
            PackedVirtqueue device = ring.device(0);
            ring.offer(3, 0);
            for (int i = 1; i < SIZE; i++) {
                ring.offer(i, DESCRIPTOR_F_NEXT);
            }
            BufferChain chain = new BufferChain();

            assertThat(device.available()).isOne();
            assertThat(device.peek(0, false, chain)).isTrue();
            device.stage(0, chain.head(), 0);
            device.commit(1);
            assertThat(device.available()).isZero();

            assertThat(device.fault()).isEqualTo(RingFault.DESCRIPTOR_LOOP);
            assertThat(device.publish()).isTrue();
            assertThat(ring.used(0)).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldReadNoMoreThanAllowedWhenChainIsLong(boolean indirect) {
        try (RawPackedRing ring = new RawPackedRing(4096)) {
            PackedVirtqueue device = ring.device(Features.INDIRECT_DESC);
            for (int i = 0; i < 4095; i++) {
                if (indirect) {
                    ring.entry(i, ring.address(ring.buffer), 0, 0);
                } else {
                    ring.offer(ring.address(ring.buffer), 0, i, i < 4094 ? DESCRIPTOR_F_NEXT : 0);
                }
            }
            if (indirect) {
                ring.offer(ring.address(ring.table), 16 * 4095, 0, DESCRIPTOR_F_INDIRECT);
            }
            BufferChain chain = new BufferChain();

            boolean taken = device.available() > 0 && device.peek(0, false, chain);

            assertThat(taken).isFalse();
            assertThat(device.fault()).isEqualTo(RingFault.DESCRIPTOR_LOOP);
            assertThat(chain.descriptors()).isLessThanOrEqualTo(BufferChain.MAX_PIECES);
        }
    }

    @Test
    void shouldStayWhereListEndedWhenDriverChangesItsMind() {
        try (RawPackedRing ring = new RawPackedRing()) {
            PackedVirtqueue device = ring.device(0);
            ring.offer(1, DESCRIPTOR_F_NEXT);
            ring.offer(2, 0);
            ring.offer(3, 0);
            BufferChain chain = new BufferChain();
            assertThat(device.available()).isEqualTo(2);

            ring.descriptor(0, ring.address(ring.buffer), 16, 1, 0x80); // no longer a list
            ring.descriptor(1, ring.address(ring.buffer), 16, 2, 0x80 | DESCRIPTOR_F_NEXT);

            assertThat(device.peek(0, false, chain)).isTrue();
            assertThat(chain.descriptors()).isEqualTo(2);
            assertThat(device.peek(1, false, chain)).isTrue();
            assertThat(chain.head()).isEqualTo(3);
        }
    }

    @Test
    void shouldStopQueueWhenBufferCrossesHoleBetweenRegions() {
        try (RawPackedRing ring = new RawPackedRing()) {
            long hole = ring.buffer + 4096;
            GuestMemory holed = ring.mapWithHole(hole, hole + 4096);
            PackedVirtqueue device = new PackedVirtqueue(ring.setup(), holed, 0);
            ring.offer(ring.address(hole - 16), 4096 + 32, 0, 0);

            Attack.requireStopByChain(device, RingFault.UNMAPPED_ADDRESS);
            holed.regions().forEach(MemoryRegion::close);
        }
    }

    @Test
    void shouldNeverLeaveItsMemoryWhenPartsOverlap() {
        try (RawPackedRing ring = new RawPackedRing()) {
            SplittableRandom random = new SplittableRandom(3);
            BufferChain chain = new BufferChain();
            BufferBatch batch = new BufferBatch();
            for (int round = 0; round < 3000; round++) {
                // The ring and both event suppression structures at one place, filled with noise.
                PackedVirtqueue device = new PackedVirtqueue(
                        ring.setup(round & 1, SIZE, 0, 4L * random.nextInt(4), 4L * random.nextInt(4), 0x8000),
                        ring.mapped(),
                        random.nextLong());
                for (int i = 0; i < SIZE * 16; i += 2) {
                    int flags = random.nextBoolean() ? 0x80 | random.nextInt(8) : random.nextInt(65536);
                    ring.memory.segment().set(ValueLayout.JAVA_SHORT, i, (short) flags);
                }
                for (int left = 20; left > 0 && device.available() > 0; left--) {
                    if (random.nextBoolean() && device.peekPlain(3, (round & 1) == 0, 0, batch) > 0) {
                        device.stage(batch, 0, 1);
                    } else if (device.peek(0, (round & 1) == 0, chain)) {
                        device.stage(0, chain.head(), -1);
                    } else {
                        break;
                    }
                    device.commit(1);
                    device.publish();
                    device.arm();
                }
            }

            byte[] beyond = ring.memory
                    .segment()
                    .asSlice(SIZE * 16, ring.memory.lengthBytes() - SIZE * 16)
                    .toArray(ValueLayout.JAVA_BYTE);
            assertThat(beyond).containsOnly(0);
        }
    }

    @Test
    void shouldOnlyYieldPiecesInsideMemoryWhenDescriptorsChangeWhileTheyAreRead() throws Exception {
        try (RawPackedRing ring = new RawPackedRing()) {
            ChangingDescriptors.requireOnlyPiecesInside(
                    ring.memory.lengthBytes(),
                    SIZE,
                    done -> rewriteUntil(done, ring),
                    () -> new PackedVirtqueue(
                            ring.setup(1, 0x8000), ring.mapped(), Features.RING_PACKED | Features.INDIRECT_DESC));
        }
    }

    private static void rewriteUntil(AtomicBoolean done, RawPackedRing ring) {
        SplittableRandom random = new SplittableRandom(12);
        while (!done.get()) {
            RandomDescriptor next = RandomDescriptor.next(random, ring.memory, ring.table, ring.buffer);
            if (random.nextBoolean()) {
                int owner = random.nextInt(8) == 0 ? 0x8080 : 0x80;
                ring.descriptor(
                        random.nextInt(SIZE),
                        next.address(),
                        next.length(),
                        random.nextInt(65536),
                        owner | next.flags());
            } else {
                ring.entry(random.nextInt(SIZE), next.address(), next.length(), next.flags() & 1);
            }
        }
    }

    /** What is too long is against the rules, too, and would stop the queue if it were read. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldReadNothingOfAChainWhenThatIsLongerThanTheLimit(boolean indirect) {
        try (RawPackedRing ring = new RawPackedRing(256)) {
            PackedVirtqueue device = ring.device(Features.INDIRECT_DESC);
            for (int i = 0; i < 100; i++) {
                if (indirect) {
                    ring.entry(i, 1L << 60, 1, 0);
                } else {
                    ring.offer(1L << 60, 1, i, i < 99 ? DESCRIPTOR_F_NEXT : 0);
                }
            }
            if (indirect) {
                ring.offer(ring.address(ring.table), 16 * 100, 0, DESCRIPTOR_F_INDIRECT);
            }

            LongChainTest.requireTooLong(device, 99);
            LongChainTest.requireTooLong(device, 64);
            assertThat(device.peek(0, false, new BufferChain())).isFalse();
            assertThat(device.fault()).isEqualTo(RingFault.UNMAPPED_ADDRESS);
        }
    }

    @Test
    void shouldReadASingleDescriptorWhateverTheLimit() {
        try (RawPackedRing ring = new RawPackedRing()) {
            PackedVirtqueue device = ring.device(0);
            ring.offer(3, 0);
            BufferChain chain = new BufferChain();

            assertThat(device.available()).isOne();
            assertThat(device.peek(0, false, 0, chain)).isEqualTo(Virtqueue.READ);
            assertThat(chain.head()).isEqualTo(3);
        }
    }
}

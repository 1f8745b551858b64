package io.ringfence.vhostuser.virtqueue;

import static io.ringfence.vhostuser.virtqueue.RawRing.INDIRECT_DESC;
import static io.ringfence.vhostuser.virtqueue.RawRing.SIZE;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** A second vCPU rewrites descriptors while the device reads them (R12 and CVE-2020-14374 and their kin). */
class ChangingDescriptorsTest {
    private static final long[] LENGTHS = {0, 1, 16, 32, 48, 64, 4096, 1 << 20, 0xffff_ffffL};

    private static final long ENOUGH_NANOS = Duration.ofMillis(200).toNanos();
    private static final long LIMIT_NANOS = Duration.ofSeconds(10).toNanos();

    @Test
    void shouldOnlyYieldPiecesInsideMemoryWhenDescriptorsChangeWhileTheyAreRead() throws Exception {
        try (RawRing ring = new RawRing()) {
            AtomicBoolean done = new AtomicBoolean();
            Thread attacker = Thread.ofPlatform().start(() -> rewriteUntil(done, ring));
            Set<RingFault> faults = EnumSet.noneOf(RingFault.class);
            long chains = 0;
            try {
                BufferChain chain = new BufferChain();
                long start = System.nanoTime();
                long elapsed = 0;
                while (elapsed < ENOUGH_NANOS || (elapsed < LIMIT_NANOS && (chains == 0 || faults.size() < 4))) {
                    elapsed = System.nanoTime() - start;
                    SplitVirtqueue device = ring.device(INDIRECT_DESC);
                    int count = device.available();
                    for (int i = 0; i < count && device.peek(i, false, chain); i++) {
                        assertInside(chain, ring.memory.lengthBytes());
                        chains++;
                    }
                    RingFault fault = device.fault();
                    if (fault != null) {
                        faults.add(fault);
                    }
                }
            } finally {
                done.set(true);
                attacker.join();
            }
            assertThat(chains).as("chains that were good when they were read").isPositive();
            assertThat(faults).as("faults met").hasSizeGreaterThanOrEqualTo(4);
        }
    }

    private static void assertInside(BufferChain chain, long memoryLengthBytes) {
        int sum = 0;
        for (int piece = 0; piece < chain.count(); piece++) {
            long offset = chain.offset(piece);
            int length = chain.length(piece);
            sum += length;
            if (offset < 0 || length <= 0 || length > memoryLengthBytes - offset) {
                throw new AssertionError("piece at 0x%x of %d bytes".formatted(offset, length));
            }
        }
        if (sum != chain.lengthBytes() || chain.descriptors() > SIZE) {
            throw new AssertionError("%d bytes in %d descriptors".formatted(chain.lengthBytes(), chain.descriptors()));
        }
    }

    private static void rewriteUntil(AtomicBoolean done, RawRing ring) {
        SplittableRandom random = new SplittableRandom(12);
        ring.availableIndex(SIZE);
        while (!done.get()) {
            long address = switch (random.nextInt(4)) {
                case 0 -> ring.address(ring.table);
                case 1 -> ring.address(ring.memory.lengthBytes() - random.nextInt(64));
                case 2 -> random.nextInt(16) == 0 ? random.nextLong() : ring.address(ring.buffer);
                default -> ring.address(ring.buffer + random.nextInt(4096));
            };
            long length = LENGTHS[random.nextInt(LENGTHS.length)];
            int flags = random.nextInt(8) & (random.nextBoolean() ? 0x5 : 0x1);
            if (random.nextBoolean()) {
                ring.descriptor(random.nextInt(SIZE), address, length, flags, random.nextInt(SIZE + 1));
            } else {
                ring.entry(random.nextInt(SIZE), address, length, flags & 1, random.nextInt(SIZE + 1));
            }
            long slot = ring.available + QueueLayout.AVAILABLE_RING_OFFSET + 2L * random.nextInt(SIZE);
            ring.writeShort(slot, random.nextInt(16) == 0 ? random.nextInt(65536) : random.nextInt(SIZE));
        }
    }
}

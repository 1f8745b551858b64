package io.ringfence.vhostuser.virtqueue;

import static io.ringfence.vhostuser.virtqueue.RawRing.INDIRECT_DESC;
import static io.ringfence.vhostuser.virtqueue.RawRing.SIZE;

import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** A second vCPU rewrites descriptors while the device reads them (R12 and CVE-2020-14374 and their kin). */
class ChangingDescriptorsTest {
    private static final long[] LENGTHS = {0, 1, 16, 32, 48, 64, 4096, 1 << 20, 0xffff_ffffL};

    @Test
    void shouldOnlyYieldPiecesInsideMemoryWhenDescriptorsChangeWhileTheyAreRead() throws Exception {
        try (RawRing ring = new RawRing()) {
            ChangingDescriptors.requireOnlyPiecesInside(
                    ring.memory.lengthBytes(),
                    SIZE,
                    done -> rewriteUntil(done, ring),
                    () -> ring.device(INDIRECT_DESC));
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

package io.ringfence.vhostuser.virtqueue;

import static io.ringfence.vhostuser.virtqueue.RawRing.INDIRECT_DESC;
import static io.ringfence.vhostuser.virtqueue.RawRing.SIZE;

import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** A second vCPU rewrites descriptors while the device reads them (R12 and CVE-2020-14374 and their kin). */
class ChangingDescriptorsTest {
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
            RandomDescriptor next = RandomDescriptor.next(random, ring.memory, ring.table, ring.buffer);
            if (random.nextBoolean()) {
                ring.descriptor(
                        random.nextInt(SIZE), next.address(), next.length(), next.flags(), random.nextInt(SIZE + 1));
            } else {
                ring.entry(
                        random.nextInt(SIZE),
                        next.address(),
                        next.length(),
                        next.flags() & 1,
                        random.nextInt(SIZE + 1));
            }
            long slot = ring.available + SplitLayout.AVAILABLE_RING_OFFSET + 2L * random.nextInt(SIZE);
            ring.writeShort(slot, random.nextInt(16) == 0 ? random.nextInt(65536) : random.nextInt(SIZE));
        }
    }
}

package io.ringfence.vhostuser.virtqueue;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** A device that reads descriptors while a second thread rewrites them, whatever the ring's layout. */
final class ChangingDescriptors {
    private static final long ENOUGH_NANOS = Duration.ofMillis(200).toNanos();
    private static final long LIMIT_NANOS = Duration.ofSeconds(10).toNanos();

    private ChangingDescriptors() {}

    /** Until enough good chains and different faults were met; every piece of a good chain must lie inside memory. */
    static void requireOnlyPiecesInside(
            long memoryLengthBytes, int sizeEntries, Consumer<AtomicBoolean> rewriteUntil, Supplier<Virtqueue> begin)
            throws InterruptedException {
        AtomicBoolean done = new AtomicBoolean();
        Thread attacker = Thread.ofPlatform().start(() -> rewriteUntil.accept(done));
        Set<RingFault> faults = EnumSet.noneOf(RingFault.class);
        long chains = 0;
        try {
            BufferChain chain = new BufferChain();
            long start = System.nanoTime();
            long elapsed = 0;
            while (elapsed < ENOUGH_NANOS || (elapsed < LIMIT_NANOS && (chains == 0 || faults.size() < 4))) {
                elapsed = System.nanoTime() - start;
                Virtqueue device = begin.get();
                int count = device.available();
                for (int i = 0; i < count && device.peek(i, false, chain); i++) {
                    assertInside(chain, memoryLengthBytes, sizeEntries);
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

    private static void assertInside(BufferChain chain, long memoryLengthBytes, int sizeEntries) {
        int sum = 0;
        for (int piece = 0; piece < chain.count(); piece++) {
            long offset = chain.offset(piece);
            int length = chain.length(piece);
            sum += length;
            if (offset < 0 || length <= 0 || length > memoryLengthBytes - offset) {
                throw new AssertionError("piece at 0x%x of %d bytes".formatted(offset, length));
            }
        }
        if (sum != chain.lengthBytes() || chain.descriptors() > sizeEntries) {
            throw new AssertionError("%d bytes in %d descriptors".formatted(chain.lengthBytes(), chain.descriptors()));
        }
    }
}

package io.ringfence.vhostuser.virtqueue;

import static io.ringfence.vhostuser.virtqueue.RawRing.INDIRECT;
import static io.ringfence.vhostuser.virtqueue.RawRing.INDIRECT_DESC;
import static io.ringfence.vhostuser.virtqueue.RawRing.NEXT;
import static io.ringfence.vhostuser.virtqueue.RawRing.SIZE;
import static io.ringfence.vhostuser.virtqueue.RawRing.WRITE;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a long chain of a split ring may cost a device that reads it. */
class LongChainTest {
    @Test
    void shouldStopQueueWhenLengthsOfChainExceed31Bits() {
        try (RawRing ring = new RawRing(SIZE, 1 << 30)) {
            SplitVirtqueue device = ring.device(0);
            for (int i = 0; i < 3; i++) {
                ring.descriptor(i, ring.address(0), 1 << 30, i < 2 ? NEXT : 0, i + 1);
            }
            ring.offer(0);

            Attack.requireStopByChain(device, RingFault.LENGTH);
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

            Attack.requireStopByChain(device, RingFault.DESCRIPTOR_LOOP);
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

    /** What lies behind the limit is against the rules, and would stop the queue if it were read. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldStopAtTheLimitWithoutAFaultWhenWhoeverReadsMayReadNoMore(boolean indirect) {
        try (RawRing ring = new RawRing(256, 1 << 20)) {
            SplitVirtqueue device = ring.device(INDIRECT_DESC);
            for (int i = 0; i < 100; i++) {
                long address = i < 64 ? ring.address(ring.buffer) : 1L << 60;
                int flags = i < 99 ? NEXT : 0;
                if (indirect) {
                    ring.entry(i, address, 1, flags, i + 1);
                } else {
                    ring.descriptor(i, address, 1, flags, i + 1);
                }
            }
            if (indirect) {
                ring.descriptor(0, ring.address(ring.table), 16 * 100, INDIRECT, 0);
            }
            ring.offer(0);

            requireTooLong(device, 64);
            requireTooLong(device, 0);
            assertThat(device.peek(0, false, new BufferChain())).isFalse();
            assertThat(device.fault()).isEqualTo(RingFault.UNMAPPED_ADDRESS);
        }
    }

    static void requireTooLong(Virtqueue device, int limit) {
        BufferChain chain = new BufferChain();
        assertThat(device.available()).isOne();
        assertThat(device.peek(0, false, limit, chain)).isEqualTo(Virtqueue.TOO_LONG);
        assertThat(chain.descriptors()).isEqualTo(limit + 1);
        assertThat(device.fault()).isNull();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldReadAChainThatIsAsLongAsTheLimit(boolean indirect) {
        try (RawRing ring = new RawRing(256, 1 << 20)) {
            SplitVirtqueue device = ring.device(INDIRECT_DESC);
            for (int i = 0; i < 64; i++) {
                if (indirect) {
                    ring.entry(i, ring.address(ring.buffer), 1, i < 63 ? NEXT : 0, i + 1);
                } else {
                    ring.descriptor(i, ring.address(ring.buffer), 1, i < 63 ? NEXT : 0, i + 1);
                }
            }
            if (indirect) {
                ring.descriptor(0, ring.address(ring.table), 16 * 64, INDIRECT, 0);
            }
            ring.offer(0);
            BufferChain chain = new BufferChain();

            assertThat(device.available()).isOne();
            assertThat(device.peek(0, false, 64, chain)).isEqualTo(Virtqueue.READ);
            assertThat(chain.descriptors()).isEqualTo(64);
        }
    }
}

package io.ringfence.bench.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.vhostuser.frontend.QueueOptions;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class OddFrameTest {
    private static final int FRAMES = 40_000;
    private static final int OFFSET = QueueOptions.HEADER_LENGTH;
    private static final long DESTINATION = 0x0102_0304_0506L;
    private static final long SOURCE = 0x1112_1314_1516L;
    private static final ValueLayout.OfShort NETWORK_SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private final OddFrame odd = new OddFrame();
    private final byte[] bytes = new byte[OFFSET + OddFrame.MAX_LENGTH_BYTES];
    private final MemorySegment memory = MemorySegment.ofArray(bytes);

    private int write() {
        int lengthBytes = odd.lengthBytes();
        odd.write(memory, OFFSET, lengthBytes, DESTINATION, SOURCE);
        return lengthBytes;
    }

    @Test
    void shouldHaveAnyLengthAndNeverAnotherDestination() {
        boolean[] lengths = new boolean[OddFrame.MAX_LENGTH_BYTES + 1];
        for (int i = 0; i < FRAMES; i++) {
            lengths[write()] = true;
            assertThat(Arrays.copyOfRange(bytes, OFFSET, OFFSET + 6)).containsExactly(6, 5, 4, 3, 2, 1);
        }
        assertThat(lengths).as("lengths that were made").containsOnly(true);
    }

    @Test
    void shouldAlsoChangeSourcesAndEveryByteOfTheRequest() {
        Set<Long> sources = new HashSet<>();
        int[] values = new int[OFFSET];
        boolean[][] seen = new boolean[OFFSET][256];
        for (int i = 0; i < FRAMES; i++) {
            write();
            sources.add(memory.get(ValueLayout.JAVA_LONG_UNALIGNED, OFFSET + 6) & 0xffff_ffff_ffffL);
            for (int at = 0; at < OFFSET; at++) {
                values[at] += seen[at][bytes[at] & 0xff] ? 0 : 1;
                seen[at][bytes[at] & 0xff] = true;
            }
        }
        assertThat(sources).contains(SOURCE).hasSizeGreaterThan(100);
        assertThat(Arrays.stream(values).min().orElseThrow())
                .as("values of each byte of the request")
                .isGreaterThan(100);
    }

    /** Else nothing would get beyond the first check of a switch. */
    @Test
    void shouldOftenBeSound() {
        int sound = 0;
        for (int i = 0; i < FRAMES; i++) {
            int lengthBytes = write();
            boolean asksToBeCut = bytes[0] == 1 && bytes[1] == 1 && bytes[2] == 54 && bytes[4] == (byte) 0xa8;
            boolean isTcp = bytes[OFFSET + 14] == 0x45 && bytes[OFFSET + 23] == 6 && lengthBytes > 1_448 + 54;
            if (asksToBeCut && isTcp && memory.get(NETWORK_SHORT, OFFSET + 16) == lengthBytes - 14) {
                sound++;
            }
        }
        assertThat(sound).as("frames of more than a segment that can be cut").isGreaterThan(FRAMES / 1_000);
    }
}

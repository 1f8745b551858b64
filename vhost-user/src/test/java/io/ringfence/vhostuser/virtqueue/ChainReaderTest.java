package io.ringfence.vhostuser.virtqueue;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against an array that has the chain's bytes in their order. */
final class ChainReaderTest {
    private static final int MEMORY_LENGTH = 4096;

    private final MemorySegment[] memories = {
        Arena.ofAuto().allocate(MEMORY_LENGTH), Arena.ofAuto().allocate(MEMORY_LENGTH)
    };
    private final BufferChain chain = new BufferChain();
    private final ChainReader reader = new ChainReader(chain);

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 9, 200})
    void shouldReadTheBytesInOrderWhenPiecesAreScattered(int longestPiece) {
        Random random = new Random(longestPiece);
        for (MemorySegment memory : memories) {
            byte[] bytes = new byte[MEMORY_LENGTH];
            random.nextBytes(bytes);
            MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, 0, bytes.length);
        }
        for (int run = 0; run < 2_000; run++) {
            byte[] expected = fill(1 + random.nextInt(12), longestPiece, random);
            reader.moveTo(0, 0);
            int at = 0;
            while (at < expected.length) {
                int step = 1 + random.nextInt(expected.length - at);
                if (random.nextInt(4) == 0) {
                    int together = reader.together(step);
                    assertThat(together).isBetween(1, step);
                    assertThat(bytes(reader.segment(), reader.position(), together))
                            .isEqualTo(Arrays.copyOfRange(expected, at, at + together));
                    reader.skip(step);
                } else {
                    MemorySegment to = MemorySegment.ofArray(new byte[step + 2]);
                    reader.copy(to, 1, step);
                    assertThat(bytes(to, 1, step)).isEqualTo(Arrays.copyOfRange(expected, at, at + step));
                    assertThat(to.get(ValueLayout.JAVA_BYTE, 0))
                            .as("the byte before")
                            .isZero();
                    assertThat(to.get(ValueLayout.JAVA_BYTE, step + 1L))
                            .as("the byte behind")
                            .isZero();
                }
                at += step;
            }
            assertThat(reader.piece()).isEqualTo(chain.count());
            assertThat(reader.offset()).isZero();
        }
    }

    private byte[] fill(int pieces, int longestPiece, Random random) {
        chain.clear();
        byte[] all = new byte[0];
        for (int i = 0; i < pieces; i++) {
            MemorySegment memory = memories[random.nextInt(memories.length)];
            int length = 1 + random.nextInt(longestPiece);
            int offset = random.nextInt(MEMORY_LENGTH - length);
            assertThat(chain.add(memory, offset, length)).isTrue();
            byte[] piece = bytes(memory, offset, length);
            all = Arrays.copyOf(all, all.length + length);
            System.arraycopy(piece, 0, all, all.length - length, length);
        }
        return all;
    }

    private static byte[] bytes(MemorySegment memory, long offset, int length) {
        return memory.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE);
    }
}

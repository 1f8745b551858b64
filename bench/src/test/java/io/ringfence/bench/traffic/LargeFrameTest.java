package io.ringfence.bench.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.vhostuser.frontend.QueueOptions;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LargeFrameTest {
    private static final int RUN = 7;
    private static final int OFFSET = QueueOptions.HEADER_LENGTH;
    private static final ValueLayout.OfShort NETWORK_SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private final byte[] bytes = new byte[OFFSET + LargeFrame.LENGTH_BYTES];
    private final MemorySegment memory = MemorySegment.ofArray(bytes);
    private final LargeFrame examination = new LargeFrame();

    @BeforeEach
    void write() {
        LargeFrame.write(memory, OFFSET, RUN, 3, 99, 1_234);
    }

    private TestFrame.Finding examine(int run, int lengthBytes, int pieceLength) {
        for (int at = 0; at < lengthBytes; at += pieceLength) {
            examination.examine(memory, OFFSET + at, Math.min(pieceLength, lengthBytes - at), at, run);
        }
        return examination.finding(lengthBytes);
    }

    @ParameterizedTest
    @ValueSource(ints = {80, 511, 1_500, 4_084, 4_096, LargeFrame.LENGTH_BYTES})
    void shouldFindWhatWasWrittenWhateverTheBuffersAre(int pieceLength) {
        assertThat(examine(RUN, LargeFrame.LENGTH_BYTES, pieceLength)).isEqualTo(TestFrame.Finding.INTACT);
        assertThat(examination.flow()).isEqualTo(3);
        assertThat(examination.sequence()).isEqualTo(99);
        assertThat(examination.intendedNanos()).isEqualTo(1_234);
    }

    @Test
    void shouldNoticeWhenPiecesAreExchangedLostOrOfAnotherFrame() {
        byte[] piece = new byte[4_096];
        System.arraycopy(bytes, OFFSET + 8_192, piece, 0, piece.length);
        System.arraycopy(bytes, OFFSET + 16_384, bytes, OFFSET + 8_192, piece.length);
        System.arraycopy(piece, 0, bytes, OFFSET + 16_384, piece.length);
        assertThat(examine(RUN, LargeFrame.LENGTH_BYTES, 4_096)).isEqualTo(TestFrame.Finding.CORRUPT);

        write();
        assertThat(examine(RUN, LargeFrame.LENGTH_BYTES - 1_448, 4_096)).isEqualTo(TestFrame.Finding.CORRUPT);

        byte[] last = new byte[Long.BYTES];
        System.arraycopy(bytes, bytes.length - last.length, last, 0, last.length);
        LargeFrame.write(memory, OFFSET, RUN, 3, 100, 1_234);
        System.arraycopy(last, 0, bytes, bytes.length - last.length, last.length);
        assertThat(examine(RUN, LargeFrame.LENGTH_BYTES, 4_096)).isEqualTo(TestFrame.Finding.CORRUPT);
    }

    @Test
    void shouldNotKnowFramesOfOtherRunsSegmentsAndOthers() {
        assertThat(examine(RUN + 1, LargeFrame.LENGTH_BYTES, 4_096)).isEqualTo(TestFrame.Finding.FOREIGN);
        assertThat(examine(RUN, 54 + 1_448, 4_096)).isEqualTo(TestFrame.Finding.FOREIGN);
        new Random(1).nextBytes(bytes);
        assertThat(examine(RUN, LargeFrame.LENGTH_BYTES, 4_096)).isEqualTo(TestFrame.Finding.FOREIGN);
    }

    @Test
    void shouldHaveChecksumsThatARouterAndACardExpect() {
        assertThat(sum(14, 34)).as("IPv4 header").isEqualTo(0xffff);
        int pseudoHeader = sum(26, 34) + 6 + LargeFrame.LENGTH_BYTES - 34;
        assertThat(memory.get(NETWORK_SHORT, OFFSET + 50) & 0xffff).isEqualTo(fold(pseudoHeader));
    }

    private int sum(int from, int to) {
        int sum = 0;
        for (int at = from; at < to; at += 2) {
            sum += memory.get(NETWORK_SHORT, OFFSET + at) & 0xffff;
        }
        return fold(sum);
    }

    private static int fold(int sum) {
        int once = (sum & 0xffff) + (sum >>> 16);
        return (once & 0xffff) + (once >>> 16);
    }
}

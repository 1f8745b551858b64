package io.ringfence.dataplane.path;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.dataplane.control.Lan;
import io.ringfence.dataplane.port.GuestPort;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The bounds of a batch are for all queues together, which take turns. */
class BatchOfQueuesTest {
    private static final int PAIRS = 4;

    @RegisterExtension
    private final BatchFixture fixture = new BatchFixture();

    private final Lan lan = fixture.lan;
    private final List<RawGuest> guests = fixture.guests;

    @BeforeEach
    void attach() {
        fixture.attach(RawGuest.MODERN, PAIRS);
    }

    @Test
    void shouldTakeNoMoreOfSeveralQueuesThanOfOne() {
        for (int pair = 0; pair < PAIRS; pair++) {
            guests.get(1).offer(pair, 500, 2048);
            fixture.sendFrames(pair, 1, 100);
        }
        assertThat(fixture.batches()).as("frames of each batch").containsExactly(64L, 64L, 64L, 64L, 64L, 64L, 16L);
        assertThat(fixture.waiting()).containsOnly(0);
    }

    @Test
    void shouldTakeNoMoreDearFramesOfSeveralQueuesThanOfOne() {
        for (int pair = 0; pair < PAIRS; pair++) {
            guests.get(1).offer(pair, 500, 2048);
            fixture.sendInPieces(pair, 1, 250);
            fixture.sendInPieces(pair, 1, 250);
        }
        assertThat(fixture.batches()).as("frames of each batch").containsExactly(2L, 2L, 2L, 2L);
        assertThat(fixture.waiting()).containsOnly(0);
    }

    @Test
    void shouldTakeWhatAllQueuesHaveInOneBatchWhenThatIsLittle() {
        for (int pair = 0; pair < PAIRS; pair++) {
            guests.get(1).offer(pair, 500, 2048);
            fixture.sendFrames(pair, 1, 16);
        }
        assertThat(fixture.batches()).containsExactly(64L);
    }

    @Test
    void shouldGiveEachQueueABatchInItsTurnWhateverTheOthersHave() {
        int[] sent = {500, 10, 63, 500};
        for (int pair = 0; pair < PAIRS; pair++) {
            guests.get(1).offer(pair, 500, 2048);
            fixture.sendFrames(pair, 1, sent[pair]);
        }
        for (int batch = 0; batch < 8; batch++) {
            assertThat(lan.port(0).visit(fixture.startNanos, fixture.startNanos))
                    .isEqualTo(GuestPort.MORE);
            // The second and the third never run dry, but never have a batch either.
            for (int pair = 1; pair <= 2; pair++) {
                fixture.sendFrames(pair, 1, sent[pair] - fixture.waiting().get(pair));
            }
        }
        assertThat(500 - fixture.waiting().get(0))
                .as("frames taken of the first")
                .isBetween(128, 256);
        assertThat(500 - fixture.waiting().get(3)).as("and of the last").isBetween(128, 256);
    }

    @Test
    void shouldTakeAllThatIsNotHeldUpInOneVisitWhenOtherQueuesWait() {
        guests.get(1).offer(2, 500, 2048);
        guests.get(1).offer(3, 500, 2048);
        fixture.sendFrames(0, 1, 2);
        fixture.sendInPieces(1, 1, 300);
        fixture.sendFrames(2, 1, 300);
        fixture.sendInPieces(3, 1, 300);
        fixture.sendFrames(3, 1, 100);
        assertThat(fixture.batches()).hasSizeLessThan(20);
        assertThat(fixture.waiting()).as("those whose receiver has no buffers").containsExactly(2, 1, 0, 0);
        assertThat(lan.port(0).mustComeBack()).isTrue();
        guests.get(1).offer(0, 2, 2048);
        guests.get(1).offer(1, 1, 2048);
        fixture.batches();
        assertThat(fixture.waiting()).containsOnly(0);
        assertThat(lan.drops()).isZero();
    }

    @Test
    void shouldEndTheVisitWhenAllQueuesWaitWithDearFrames() {
        for (int pair = 0; pair < PAIRS; pair++) {
            fixture.sendInPieces(pair, 1, 300);
        }
        assertThat(fixture.batches()).as("one for each queue").containsExactly(0L, 0L, 0L, 0L);
        assertThat(lan.port(0).mustComeBack()).isTrue();
        assertThat(fixture.batches()).as("the next visit looks at all again").containsExactly(0L, 0L, 0L, 0L);
    }
}

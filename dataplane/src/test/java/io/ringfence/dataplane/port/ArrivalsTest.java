package io.ringfence.dataplane.port;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The time from the first look at a frame to its delivery, whatever the worker's looks and batches were. */
class ArrivalsTest {
    private static final int RING = 32_768;

    private record Seen(long atNanos, boolean heldUp) {}

    /** Against a model that remembers every frame by itself; few enough looks are open for all to be told apart. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void shouldTellTheWorstLatencyOfEveryBatchWhenLooksAndBatchesAlternateAtRandom(long seed) {
        Random random = new Random(seed);
        int next = random.nextInt(65_536);
        Arrivals arrivals = new Arrivals(next);
        Deque<Seen> model = new ArrayDeque<>();
        long now = random.nextLong();
        long lookNanos = now;
        for (int step = 0; step < 200_000; step++) {
            now += random.nextInt(1, 5_000);
            if (model.size() < 60 || (now == lookNanos && model.size() < RING)) {
                int added = random.nextInt(0, 3);
                assertThat(arrivals.saw(next + model.size() + added, now)).isEqualTo(added);
                for (int i = 0; i < added; i++) {
                    model.add(new Seen(now, false));
                }
            }
            if (!model.isEmpty()) {
                assertThat(arrivals.oldestNanos()).isEqualTo(model.getFirst().atNanos());
            }
            assertThat(arrivals.waiting(next)).isEqualTo(model.size());
            if (random.nextInt(8) == 0) {
                // Frames of one look count as one, so the hold-up is of whole looks.
                arrivals.heldUp();
                Deque<Seen> held = new ArrayDeque<>();
                model.forEach(seen -> held.add(new Seen(seen.atNanos(), true)));
                model.clear();
                model.addAll(held);
            }
            int taken = model.isEmpty() ? 0 : random.nextInt(0, model.size() + 1);
            expectPassed(arrivals, model, next += taken, taken, now);
        }
    }

    private static void expectPassed(Arrivals arrivals, Deque<Seen> model, int next, int taken, long now) {
        long worst = 0;
        long worstHeldUp = 0;
        boolean complete = false;
        for (int i = 0; i < taken; i++) {
            Seen seen = model.remove();
            boolean lastOfItsLook = model.isEmpty() || model.getFirst().atNanos() != seen.atNanos();
            if (lastOfItsLook) {
                complete = true;
                long nanos = now - seen.atNanos();
                worst = seen.heldUp() ? worst : Math.max(worst, nanos);
                worstHeldUp = seen.heldUp() ? Math.max(worstHeldUp, nanos) : worstHeldUp;
            }
        }
        assertThat(arrivals.passed(next, now)).isEqualTo(complete);
        if (complete) {
            assertThat(arrivals.worstNanos()).isEqualTo(worst);
            assertThat(arrivals.worstHeldUpNanos()).isEqualTo(worstHeldUp);
        }
    }

    @Test
    void shouldSayTooLongRatherThanTooShortWhenThereWereMoreLooksThanItTellsApart() {
        Arrivals arrivals = new Arrivals(0);
        for (int look = 1; look <= 1_000; look++) {
            arrivals.saw(look, look * 100L);
        }
        assertThat(arrivals.waiting(0)).isEqualTo(1_000);
        assertThat(arrivals.passed(1_000, 200_000)).isTrue();
        assertThat(arrivals.worstNanos()).isEqualTo(200_000 - 100);

        arrivals.saw(1_001, 300_000);
        assertThat(arrivals.passed(1_001, 300_500)).isTrue();
        assertThat(arrivals.worstNanos()).as("told apart again").isEqualTo(500);
    }

    @Test
    void shouldWaitForTheLastFrameWhenARingOfTheGreatestSizeIsFull() {
        Arrivals arrivals = new Arrivals(65_000);
        assertThat(arrivals.saw(65_000 + RING, 1)).isEqualTo(RING);
        assertThat(arrivals.passed(65_000, 2)).isFalse();
        assertThat(arrivals.passed((65_000 + RING - 1) & 0xffff, 3)).isFalse();
        assertThat(arrivals.passed((65_000 + RING) & 0xffff, 4)).isTrue();
        assertThat(arrivals.worstNanos()).isEqualTo(3);
    }
}

package io.ringfence.bench.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class TurnWatchTest {
    private static final long THRESHOLD_NANOS = 100;

    private long switches = 7;
    private final TurnWatch watch = new TurnWatch(THRESHOLD_NANOS, THRESHOLD_NANOS, () -> switches);

    @Test
    void shouldCountLongTimesBetweenTurnsFromTheBeginningOfTheRun() {
        watch.begin(0);
        watch.looked(900);
        watch.begin(1_000);
        for (long now : new long[] {1_050, 1_150, 1_400, 1_401, 1_701}) {
            watch.looked(now);
        }
        assertThat(watch.gapNanos()).isEqualTo(250 + 300);
    }

    @Test
    void shouldOverlapWhatWasToDepartBeforeTheEndOfAGapOrSoonAfter() {
        watch.begin(1_000);
        assertThat(watch.overlaps(900)).as("no gap yet").isFalse();
        watch.looked(1_200);
        assertThat(watch.overlaps(990)).as("in flight when the gap began").isTrue();
        assertThat(watch.overlaps(1_100)).as("due in the gap").isTrue();
        assertThat(watch.overlaps(1_399))
                .as("due while the rest is made up for")
                .isTrue();
        assertThat(watch.overlaps(1_401)).as("due later").isFalse();
    }

    @Test
    void shouldOverlapForAsLongAsAllGapsTogetherWhenTheyFollowEachOther() {
        watch.begin(1_000);
        watch.looked(2_000);
        watch.looked(2_050);
        watch.looked(2_160);
        assertThat(watch.overlaps(3_109))
                .as("due while both gaps are made up for")
                .isTrue();
        assertThat(watch.overlaps(3_111)).as("due later").isFalse();
        watch.looked(2_170);
        watch.looked(5_000);
        watch.looked(5_200);
        assertThat(watch.overlaps(5_000 + 2_830 + 199)).isTrue();
        assertThat(watch.overlaps(5_000 + 2_830 + 201)).isFalse();
    }

    @Test
    void shouldTakeALongTurnForTheThreadsOwnWorkUnlessItWasOffItsCpuOrAwayBeyondTheLimit() {
        TurnWatch patient = new TurnWatch(THRESHOLD_NANOS, 3 * THRESHOLD_NANOS, () -> switches);
        patient.begin(1_000);
        patient.looked(1_250);
        assertThat(patient.gapNanos()).as("its own work").isZero();
        assertThat(patient.overlaps(1_100)).isFalse();
        switches++;
        patient.looked(1_500);
        assertThat(patient.gapNanos()).as("off its CPU").isEqualTo(250);
        assertThat(patient.overlaps(1_400)).isTrue();
        patient.looked(1_750);
        assertThat(patient.gapNanos()).as("its own work again").isEqualTo(250);
        patient.looked(2_100);
        assertThat(patient.gapNanos()).as("longer than any work").isEqualTo(250 + 350);
    }
}

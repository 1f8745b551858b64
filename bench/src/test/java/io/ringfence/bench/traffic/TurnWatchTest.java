package io.ringfence.bench.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class TurnWatchTest {
    private static final long THRESHOLD_NANOS = 100;

    private final TurnWatch watch = new TurnWatch(THRESHOLD_NANOS);

    @Test
    void shouldReportGapsFromTheBeginningOfTheRun() {
        watch.begin(1_000);
        for (long now : new long[] {1_050, 1_150, 1_400, 1_401}) {
            watch.turn(now);
        }
        assertThat(watch.schedule(true, 0, 0))
                .isEqualTo(new Schedule(100, 1, 250, 250, List.of(new Schedule.Gap(150, 400)), 0, 0));
    }

    @Test
    void shouldReportTheLongestTimeBetweenTurnsWhenNoneWasAGap() {
        watch.begin(1_000);
        watch.turn(1_090);
        watch.turn(1_100);
        Schedule schedule = watch.schedule(true, 0, 0);
        assertThat(schedule.gaps()).isZero();
        assertThat(schedule.longestNanos()).isEqualTo(90);
    }

    @Test
    void shouldOverlapWhatWasToDepartBeforeTheEndOfAGapOrSoonAfter() {
        watch.begin(1_000);
        assertThat(watch.overlaps(900)).as("no gap yet").isFalse();
        watch.turn(1_200);
        assertThat(watch.overlaps(990)).as("in flight when the gap began").isTrue();
        assertThat(watch.overlaps(1_100)).as("due in the gap").isTrue();
        assertThat(watch.overlaps(1_399))
                .as("due while the rest is made up for")
                .isTrue();
        assertThat(watch.overlaps(1_401)).as("due later").isFalse();
    }

    @Test
    void shouldCountOnWhenThereAreMoreGapsThanItRecords() {
        watch.begin(0);
        for (int i = 1; i <= Schedule.MOST_RECORDED + 5; i++) {
            watch.turn(i * 200L);
        }
        Schedule schedule = watch.schedule(true, 0, 0);
        assertThat(schedule.gaps()).isEqualTo(Schedule.MOST_RECORDED + 5);
        assertThat(schedule.recorded()).hasSize(Schedule.MOST_RECORDED);
        assertThat(schedule.gapNanos()).isEqualTo(200L * (Schedule.MOST_RECORDED + 5));
    }
}

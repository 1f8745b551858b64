package io.ringfence.bench.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class FlowTest {
    private static final long END_NANOS = 1_000;

    @Test
    void shouldCountFramesThatArriveBeforeTheEndOfTheRunOnceAsInTime() {
        Flow flow = new Flow(0, "a", null, TurnWatch.none(), new Flow.Period(0, END_NANOS), 0, null);
        flow.arrived(0, 0, 900);
        flow.arrived(0, 0, 950);
        flow.arrived(1, 500, END_NANOS - 1);
        flow.arrived(2, 990, END_NANOS);
        flow.arrived(3, 999, END_NANOS + 50_000_000);
        FlowCounts counts = flow.whole().counts();
        assertThat(counts.inTime()).isEqualTo(2);
        assertThat(counts.received()).isEqualTo(4);
        assertThat(counts.duplicates()).isEqualTo(1);
    }

    @Test
    void shouldMeasureAFrameThatArrivesAgainOnce() {
        Flow flow = new Flow(
                0,
                "a",
                null,
                TurnWatch.none(),
                new Flow.Period(0, END_NANOS),
                0,
                new Timeline(END_NANOS, END_NANOS, 0));
        flow.begin();
        flow.arrived(0, 0, 100);
        flow.arrived(0, 0, 900);
        Report.Flow whole = flow.whole();
        assertThat(whole.latencies().count()).isOne();
        assertThat(whole.latencies().maxNanos()).isEqualTo(100);
        assertThat(whole.timeline()).extracting(Report.Slice::count).containsExactly(1L);
    }

    @Test
    void shouldNotMeasureWhatArrivedWhileTheTurnThatFindsItWasInterrupted() {
        TurnWatch watch = new TurnWatch(100, 100, () -> 0);
        Flow flow = new Flow(0, "a", null, watch, new Flow.Period(0, 10_000), 0, new Timeline(10_000, 10_000, 0));
        flow.begin();
        watch.begin(0);
        flow.arrived(0, 0, 50);
        watch.looked(90);
        flow.arrived(1, 80, 5_000);
        Report.Flow whole = flow.whole();
        assertThat(whole.latencies().maxNanos()).isEqualTo(50);
        assertThat(whole.counts().discarded()).isOne();
        assertThat(watch.gapNanos()).isEqualTo(4_910);
    }
}

package io.ringfence.bench.traffic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ringfence.bench.traffic.Carried.Moment;
import java.util.List;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

final class CarriedTest {
    private static final long MILLI = 1_000_000;

    /** Of 0.6 s, both ways. */
    private static Report report(long sent, long received) {
        Histogram none = new Histogram(3);
        FlowCounts counts = new FlowCounts(sent, 0, 0, received, received, 0, 0, 0, 0, 0);
        Report.Flow flow = new Report.Flow("a", "b", counts, Latencies.of(none), none, List.of());
        return new Report(true, 0.6, List.of(flow, flow), List.of(), new Schedule(0, 0, 0));
    }

    /** Read 7 ms before the first frame, 13 ms after the last, and 95 ms later. */
    private static Carried carried(Report report, long usedMillis, long thenMillis) {
        return Carried.of(
                report,
                new Moment(5 * MILLI, 1_000 * MILLI),
                new Moment(625 * MILLI, (1_000 + usedMillis) * MILLI),
                new Moment(720 * MILLI, (1_000 + usedMillis + thenMillis) * MILLI));
    }

    @Test
    void shouldChargeASwitchThatSleepsForEachFrameWhenNothingMoreComes() {
        Carried sleeping = carried(report(3_100_000, 3_000_000), 528, 0);

        assertThat(sleeping.cpuNanosPerFrame()).as("0.528 s for 6 million").isCloseTo(88, within(0.001));
        assertThat(sleeping.perSecond()).isCloseTo(1e7, within(1.0));
        assertThat(sleeping.lostShare()).isCloseTo(1 / 31.0, within(1e-9));
    }

    @Test
    void shouldChargeASwitchThatPollsForTheRunAlone() {
        assertThat(carried(report(3_000_000, 3_000_000), 620, 95).cpuNanosPerFrame())
                .as("0.6 s for 6 million")
                .isCloseTo(100, within(0.001));
    }

    @Test
    void shouldChargeASwitchForItsPollingWhenItPollsForAPartOfTheTime() {
        assertThat(carried(report(3_000_000, 3_000_000), 550, 19).cpuNanos())
                .as("a fifth of 20 ms")
                .isEqualTo(546 * MILLI);
    }

    @Test
    void shouldHaveFiguresWhenNothingArrives() {
        Carried nothing = carried(report(0, 0), 0, 0);

        assertThat(nothing.perSecond()).isZero();
        assertThat(nothing.lostShare()).isZero();
        assertThat(nothing.cpuNanosPerFrame()).isZero();
    }
}

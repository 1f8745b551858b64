package io.ringfence.bench.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DueFramesTest {
    private static final int SENT = 1_000;

    /** Of these latencies in microseconds, each one's frames being a tenth of what arrived. */
    private static double percentile(double percent, long sent, long unsent, long received) {
        return DueFrames.percentile(arrived(), counts(sent, unsent, received), percent)
                .orElseThrow();
    }

    private static Histogram arrived() {
        Histogram arrived = new Histogram(3);
        for (int i = 1; i <= 10; i++) {
            arrived.recordValue(i);
        }
        return arrived;
    }

    private static FlowCounts counts(long sent, long unsent, long received) {
        return new FlowCounts(sent, unsent, 0, received, received, 0, 0, 0, 0, 0);
    }

    @ParameterizedTest
    @ValueSource(doubles = {10, 50, 90, 99, 99.9, 100})
    void shouldBeThatOfWhatArrivedWhenEverythingDid(double percent) {
        assertThat(percentile(percent, SENT, 0, SENT))
                .isEqualTo((double) arrived().getValueAtPercentile(percent));
    }

    @Test
    void shouldTakeTheLostFramesForTheSlowestOnes() {
        assertThat(percentile(40, SENT, 0, SENT / 2)).isEqualTo(8);
        assertThat(percentile(50, SENT, 0, SENT / 2)).as("the highest").isEqualTo(10);
        assertThat(percentile(50.1, SENT, 0, SENT / 2)).isInfinite();
    }

    @Test
    void shouldTakeFramesThatCouldNotLeaveForSlowOnes() {
        assertThat(percentile(40, SENT / 2, SENT / 2, SENT / 2)).isEqualTo(8);
        assertThat(percentile(99, SENT / 2, SENT / 2, SENT / 2)).isInfinite();
    }

    @Test
    void shouldHaveAnEndWhenExactlySoManyArrived() {
        assertThat(percentile(99.9, SENT, 0, 999)).isEqualTo(10);
        assertThat(percentile(99.9, 3 * SENT, 0, 3 * 999)).isEqualTo(10);
        assertThat(percentile(99.9, SENT, 0, 998)).isInfinite();
    }

    @Test
    void shouldHaveNothingToSayWhenNoLatencyIsLeft() {
        assertThat(DueFrames.percentile(new Histogram(3), counts(SENT, 0, SENT), 50))
                .isEmpty();
        assertThat(DueFrames.percentile(new Histogram(3), counts(0, 0, 0), 50)).isEmpty();
    }

    @Test
    void shouldKnowOfLostFramesThoughNoLatencyIsLeft() {
        assertThat(DueFrames.percentile(new Histogram(3), counts(SENT, 0, 0), 50))
                .hasValue(Double.POSITIVE_INFINITY);
        assertThat(DueFrames.percentile(new Histogram(3), counts(SENT, 0, SENT / 2), 99))
                .hasValue(Double.POSITIVE_INFINITY);
        assertThat(DueFrames.percentile(new Histogram(3), counts(SENT, 0, SENT / 2), 50))
                .isEmpty();
    }
}

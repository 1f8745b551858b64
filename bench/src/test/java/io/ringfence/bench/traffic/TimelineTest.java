package io.ringfence.bench.traffic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.ringfence.bench.traffic.Report.Slice;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Slices of 10 ms, in each of which 200 frames are due. */
final class TimelineTest {
    private static final int PER_SECOND = 20_000;
    private static final long SLICE_NANOS = 10_000_000;
    private static final int SLICE_FRAMES = 200;
    private static final long LATENCY_NANOS = 8_000;

    private final Timeline timeline = new Timeline(3 * SLICE_NANOS, SLICE_NANOS, PER_SECOND);

    private static long departure(int frame) {
        return frame * 1_000_000_000L / PER_SECOND;
    }

    /** All frames of a slice arrive, the first so many of them excepted. */
    private void carry(int slice, int lost, boolean measured) {
        for (int i = slice * SLICE_FRAMES + lost; i < (slice + 1) * SLICE_FRAMES; i++) {
            timeline.arrived(departure(i));
            if (measured) {
                timeline.record(departure(i), LATENCY_NANOS);
            }
        }
    }

    private static void requireWhatWasRecorded(double nanos) {
        assertThat(nanos).isCloseTo((double) LATENCY_NANOS, withinPercentage(7));
    }

    @Test
    void shouldTakeFramesThatDidNotArriveForTheSlowestOfTheirSlice() {
        carry(0, 0, true);
        carry(1, 2, true);
        carry(2, 3, true);
        List<Slice> slices = timeline.slices();
        assertThat(slices).extracting(Slice::fromSeconds).containsExactly(0.0, 0.01, 0.02);
        requireWhatWasRecorded(slices.get(0).p99Nanos());
        // 1 % is lost.
        requireWhatWasRecorded(slices.get(1).p99Nanos());
        assertThat(slices.get(2).p99Nanos()).as("more").isInfinite();
        requireWhatWasRecorded(slices.get(2).p50Nanos());
    }

    @Test
    void shouldTellASliceOfWhichNothingArrivedFromOneOfWhichNothingIsLeft() {
        carry(0, 0, false);
        carry(1, SLICE_FRAMES, true);
        carry(2, 0, true);
        assertThat(timeline.slices()).extracting(Slice::fromSeconds).containsExactly(0.01, 0.02);
        assertThat(timeline.slices().getFirst())
                .isEqualTo(new Slice(0.01, 0, Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY, 0));
    }

    @Test
    void shouldKeepToTheRunWhenItsLastSliceIsShorter() {
        Timeline odd = new Timeline(15_000_000, SLICE_NANOS, PER_SECOND);
        for (int i = -5; i < 400; i++) {
            odd.arrived(departure(i));
            odd.record(departure(i), LATENCY_NANOS);
        }
        assertThat(odd.slices()).hasSize(2).allSatisfy(slice -> requireWhatWasRecorded(slice.p99Nanos()));
    }

    @Test
    void shouldKnowOnlyOfFramesThatArriveWhenNoRateIsSaid() {
        Timeline unknown = new Timeline(2 * SLICE_NANOS, SLICE_NANOS, 0);
        unknown.arrived(SLICE_NANOS);
        unknown.record(SLICE_NANOS, LATENCY_NANOS);
        assertThat(unknown.slices()).extracting(Slice::fromSeconds).containsExactly(0.01);
    }
}

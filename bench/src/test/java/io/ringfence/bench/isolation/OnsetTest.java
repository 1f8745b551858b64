package io.ringfence.bench.isolation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ringfence.bench.traffic.Report.Slice;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class OnsetTest {
    @Test
    void shouldRecoverWhenLatencyIsWithinAQuarterOfBefore() {
        assertThat(Samples.onset(10_000, 12_400).recoverySeconds().getAsDouble())
                .isCloseTo(0.03, within(0.0001));
        assertThat(Samples.onset(10_000, 12_600).recoverySeconds()).isEmpty();
    }

    @Test
    void shouldNeedNoTimeWhenNothingChanges() {
        assertThat(Samples.onset(50_000, 50_000).recoverySeconds()).hasValue(0);
    }

    @Test
    void shouldLetOneOfTenWindowsBeSlowByChance() {
        List<Slice> slices = new ArrayList<>(Samples.onset(50_000, 50_000).slices());
        slices.set(5, new Slice(0.05, 200, 9_000_000, 9_000_000, 9_000_000));
        slices.set(25, new Slice(0.25, 200, 9_000_000, 9_000_000, 9_000_000));
        Onset onset = new Onset(Aggressor.DEAR, 0.2, slices, List.of());
        assertThat(onset.beforeNanos()).hasValue(50_000);
        assertThat(onset.recoverySeconds()).hasValue(0);
        assertThat(onset.worstNanos()).hasValue(9_000_000);
    }

    @ParameterizedTest
    @CsvSource({"0.5,10 ms", "5,10 ms", "5.5,11 ms", "6.25,12.5 ms", "600,'1,200 ms'"})
    void shouldSayHowLongWindowsReallyAre(double seconds, String window) {
        assertThat(Onset.window(seconds)).isEqualTo(window);
    }

    @Test
    void shouldFindTheStartAmongLongerWindows() {
        List<Slice> slices = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            double nanos = i >= 500 && i < 503 ? 50_000 : 10_000;
            slices.add(new Slice(i * 0.012, 240, nanos, nanos, 50_000));
        }
        Onset onset = new Onset(Aggressor.FLOOD_64, 6, slices, List.of());
        assertThat(onset.beforeNanos()).hasValue(10_000);
        assertThat(onset.recoverySeconds().getAsDouble()).isCloseTo(0.036, within(0.0001));
    }

    @Test
    void shouldClaimNothingWhenNothingWasMeasured() {
        Onset onset = new Onset(Aggressor.DEAR, 0.2, List.of(), List.of());
        assertThat(onset.recoverySeconds()).isEmpty();
        assertThat(onset.beforeNanos()).isEmpty();
        assertThat(onset.worstNanos()).isEmpty();
        assertThat(onset.recovered()).isEqualTo("not measured");
    }

    @Test
    void shouldNotRecoverInWindowsWhoseFramesWereLost() {
        Onset onset = losing(23, 29, Samples.onset(10_000, 10_000));
        assertThat(onset.worstNanos()).hasValue(Double.POSITIVE_INFINITY);
        assertThat(onset.recoverySeconds().orElseThrow()).isCloseTo(0.09, within(0.0001));
        assertThat(losing(23, 40, Samples.onset(10_000, 10_000)).recovered()).isEqualTo("not");
    }

    @Test
    void shouldClaimNothingWhenAsManyFramesWereLostBefore() {
        Onset onset = losing(0, 40, Samples.onset(10_000, 10_000));
        assertThat(onset.beforeNanos()).hasValue(Double.POSITIVE_INFINITY);
        assertThat(onset.recovered()).isEqualTo("not measured");
        assertThat(losing(5, 6, Samples.onset(10_000, 10_000)).recovered())
                .as("one of ten by chance")
                .isEqualTo("30 ms");
    }

    @Test
    void shouldTakeTheRoundThatDidNotRecoverForTheLongest() {
        Onset unmeasured = new Onset(Aggressor.DEAR, 0.2, List.of(), List.of());
        assertThat(List.of(
                        unmeasured.longest(),
                        Samples.onset(10_000, 10_000).longest(),
                        Samples.onset(10_000, 90_000).longest()))
                .isSorted();
    }

    /** The same, but so many frames of these windows did not arrive. */
    private static Onset losing(int from, int to, Onset onset) {
        List<Slice> slices = new ArrayList<>(onset.slices());
        for (int i = from; i < to; i++) {
            Slice whole = slices.get(i);
            slices.set(
                    i,
                    new Slice(whole.fromSeconds(), 100, whole.p50Nanos(), Double.POSITIVE_INFINITY, whole.maxNanos()));
        }
        return new Onset(onset.aggressor(), onset.startSeconds(), slices, List.of());
    }
}

package io.ringfence.bench.calibrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.ringfence.scheduler.CostDistribution;
import org.junit.jupiter.api.Test;

final class SamplesTest {
    @Test
    void shouldRankSamplesWhateverTheirOrder() {
        Samples samples = new Samples();
        for (int i = 0; i < 2_000; i++) {
            samples.add(1 + i * 7 % 2_000); // each from 1 to 2000, once
        }
        assertThat(samples.count()).isEqualTo(2_000);
        assertThat(samples.distribution()).isEqualTo(new CostDistribution(1_000, 1_980, 1_998));
        assertThat(samples.percentile(1)).isEqualTo(2_000);
    }

    @Test
    void shouldForgetEarlierSamplesWhenCleared() {
        Samples samples = new Samples();
        samples.add(5);
        samples.clear();
        samples.add(-3); // a clock that was less exact than the work is short
        assertThat(samples.distribution()).isEqualTo(CostDistribution.constant(0));
    }

    @Test
    void shouldNotMakeUpAResultWhenNothingWasMeasured() {
        assertThatIllegalStateException().isThrownBy(() -> new Samples().percentile(0.5));
    }
}

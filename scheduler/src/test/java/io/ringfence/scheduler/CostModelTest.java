package io.ringfence.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CostModelTest {
    @Test
    void shouldAddUpWhatAFrameIsMadeOf() {
        var side = new CostModel.Side(
                new CostDistribution(30, 60, 200),
                new CostDistribution(100, 110, 120),
                new CostDistribution(5, 10, 40),
                new CostDistribution(0.05, 0.1, 0.5),
                new CostDistribution(300, 600, 2000));
        var frame = new FrameShape(1514, 1);

        assertThat(side.frameNanos(frame, CostDistribution::p50Nanos)).isCloseTo(30 + 5 + 75.7, within(1e-9));
        assertThat(side.frameNanos(frame, CostDistribution::p99Nanos)).isCloseTo(60 + 10 + 151.4, within(1e-9));
        assertThat(side.frameNanos(frame, CostDistribution::p999Nanos)).isCloseTo(200 + 40 + 757, within(1e-9));

        assertThat(side.frameNanos(new FrameShape(1514, 2), CostDistribution::p50Nanos))
                .isCloseTo(30 + 100 + 10 + 75.7, within(1e-9));
    }

    @ParameterizedTest
    @CsvSource({"-1,0,0", "2,1,3", "1,3,2", "NaN,1,1", "1,NaN,1", "1,1,NaN", "1,1,Infinity"})
    void shouldRefuseWhatIsNoDistribution(double p50, double p99, double p999) {
        assertThatThrownBy(() -> new CostDistribution(p50, p99, p999))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("none below 0 or below the one before");
    }
}

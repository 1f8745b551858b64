package io.ringfence.bench.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class StealTimeTest {
    @Test
    void shouldReadWhatTheHypervisorTookFromAllCpus() {
        assertThat(StealTime.parse(List.of(
                        "cpu  2854656 7762 242514 1403131 3711 0 1126 1009 0 0",
                        "cpu0 1454696 7416 123915 673622 800 0 209 517 0 0")))
                .isEqualTo(10_090);
    }

    @Test
    void shouldReadNothingWhenTheKernelDoesNotSay() {
        assertThat(StealTime.parse(List.of("cpu  1 2 3 4"))).isZero();
    }

    @Test
    void shouldReadThisHost() {
        assertThat(StealTime.readMillis()).isNotNegative();
    }
}

package io.ringfence.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ReservationTest {
    @Test
    void shouldTakeWhatTheKernelTakes() {
        assertThat(new Reservation(1024, 100_000).share()).isEqualTo(0.01024);
        assertThat(new Reservation(100_000, 100_000).share()).isEqualTo(1);
    }

    @Test
    void shouldRefuseWhatTheKernelRefuses() {
        assertThatThrownBy(() -> new Reservation(1023, 100_000))
                .hasMessageContaining("1023 ns")
                .hasMessageContaining("1024 ns");
        assertThatThrownBy(() -> new Reservation(100_001, 100_000))
                .hasMessageContaining("more than the period of 100000 ns");
    }
}

package io.ringfence.bench.forwarding;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.scheduler.CpuLimit;
import io.ringfence.scheduler.CpuLimit.Origin;
import io.ringfence.scheduler.Reservation;
import java.util.Collections;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HalfOfCpuTest {
    @ParameterizedTest
    @CsvSource({"950000, 50000, 0.45", "950000, 0, 0.475", "990000, 50000, 0.47", "1000000, 0, 0.5", "730000, 0, 0.365"
    })
    void shouldReserveHalfOfWhatTheKernelAdmitsAndNoMore(long runtimeMicros, long serverMicros, double share) {
        long bandwidth = CpuLimit.bandwidth(runtimeMicros, 1_000_000) - CpuLimit.bandwidth(serverMicros, 1_000_000);
        CpuLimit limit = new CpuLimit(bandwidth, Origin.READ);

        HalfOfCpu half = HalfOfCpu.of(limit);

        assertThat(half.share()).isEqualTo(share);
        var reservation = new Reservation(half.runtime().toNanos(), HalfOfCpu.PERIOD.toNanos());
        assertThat(limit.admits(Collections.nCopies(2, reservation))).isTrue();
    }

    @Test
    void shouldReserveWholeMicrosecondsWhichAConfigurationCanSay() {
        assertThat(new HalfOfCpu(0.475).runtime().toNanos()).isEqualTo(1_900_000);
    }
}

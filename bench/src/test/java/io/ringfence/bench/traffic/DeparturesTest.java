package io.ringfence.bench.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DeparturesTest {
    private static final long START_NANOS = -5_000_000_000L;
    private static final long SECOND_NANOS = 1_000_000_000L;

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 20_000, 14_880_952, 50_000_000})
    void shouldOweExactlyTheRateWhenSecondsHavePassed(int perSecond) {
        Departures departures = new Departures(START_NANOS, perSecond);
        for (int second = 1; second <= 3; second++) {
            long due = departures.due(START_NANOS + second * SECOND_NANOS - 1);
            assertThat(due).isEqualTo(perSecond);
            departures.passed(due);
        }
    }

    @Test
    void shouldKeepTimesFixedWhenDeparturesAreLate() {
        Departures departures = new Departures(START_NANOS, 3);
        departures.passed(1);
        assertThat(departures.nextNanos()).isEqualTo(START_NANOS + 333_333_334);
        assertThat(departures.due(START_NANOS + 333_333_333)).isZero();
        assertThat(departures.due(START_NANOS + 2 * SECOND_NANOS)).isEqualTo(6);
        departures.passed(1);
        assertThat(departures.nextNanos()).isEqualTo(START_NANOS + 666_666_667);
    }

    @Test
    void shouldStayExactWhenARunIsLongAndFast() {
        Departures departures = new Departures(START_NANOS, 50_000_000);
        departures.passed(3600L * 50_000_000);
        assertThat(departures.nextNanos()).isEqualTo(START_NANOS + 3600 * SECOND_NANOS);
        assertThat(departures.due(START_NANOS + 3600 * SECOND_NANOS)).isOne();
    }

    @Test
    void shouldHaveNoneDueBeforeTheStart() {
        assertThat(new Departures(START_NANOS, 1000).due(START_NANOS - 1)).isZero();
        assertThat(new Departures(START_NANOS, 1000).due(START_NANOS)).isOne();
    }
}

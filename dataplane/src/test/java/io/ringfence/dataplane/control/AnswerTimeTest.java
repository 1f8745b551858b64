package io.ringfence.dataplane.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.scheduler.Reservation;
import org.junit.jupiter.api.Test;

/** How long the control plane waits for a worker before it takes a change back. */
class AnswerTimeTest {
    @Test
    void shouldWaitForAWorkerWithASmallReservationThatTheHypervisorTookTwentyMillisecondsFrom() {
        // A second, four periods, and the 115 periods that hold 20 ms.
        assertThat(VmWorker.answerMillis(new Reservation(175_000, 20_000_000))).isEqualTo(1_000 + 4 * 20 + 115 * 20);
    }

    @Test
    void shouldHardlyWaitLongerWhenTheReservationIsLarge() {
        assertThat(VmWorker.answerMillis(new Reservation(500_000, 1_000_000))).isEqualTo(1_000 + 4 + 41);
    }

    @Test
    void shouldNotWaitForHoursWhenTheReservationIsTheSmallestThereIs() {
        assertThat(VmWorker.answerMillis(new Reservation(10_000, 4_000_000_000L)))
                .isEqualTo(1_000 + 16_000 + 30_000);
    }
}

package io.ringfence.dataplane.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.ringfence.config.SchedulingRung;
import io.ringfence.scheduler.Rung;
import io.ringfence.scheduler.SchedulingRefusedException;
import org.junit.jupiter.api.Test;

class SchedulingLadderTest {
    @Test
    void shouldTryFromTheBestDownToTheLowestThatIsAllowed() {
        assertThat(SchedulingLadder.toTry(Rung.DEADLINE, Rung.OTHER)).containsExactly(Rung.values());
        assertThat(SchedulingLadder.toTry(Rung.DEADLINE, Rung.FIFO))
                .containsExactly(Rung.DEADLINE, Rung.DEADLINE_GLOBAL, Rung.FIFO);
        assertThat(SchedulingLadder.toTry(Rung.FIFO, Rung.OTHER)).containsExactly(Rung.FIFO, Rung.OTHER);
    }

    @Test
    void shouldTryTheLowestThatIsAllowedWhenItIsBetterThanTheBestWanted() {
        assertThat(SchedulingLadder.toTry(Rung.OTHER, Rung.DEADLINE)).containsExactly(Rung.DEADLINE);
    }

    @Test
    void shouldRefuseFirstRungWhenItDoesNotExist() {
        System.setProperty("ringfence.scheduling.first", "deadlin");
        try {
            assertThatExceptionOfType(SchedulingRefusedException.class)
                    .isThrownBy(() -> SchedulingLadder.toTry(Rung.DEADLINE, Rung.OTHER))
                    .withMessage("-Dringfence.scheduling.first is 'deadlin', expected one of deadline,"
                            + " deadline-global, fifo, other");
        } finally {
            System.clearProperty("ringfence.scheduling.first");
        }
    }

    @Test
    void shouldNameRungsAsTheConfigurationDoes() {
        assertThat(SchedulingLadder.name(SchedulingRung.DEADLINE_GLOBAL)).isEqualTo("deadline-global");
        assertThat(SchedulingLadder.name(Rung.DEADLINE_GLOBAL)).isEqualTo("deadline-global");
    }
}

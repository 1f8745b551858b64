package io.ringfence.dataplane.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.config.SchedulingRung;
import io.ringfence.scheduler.Rung;
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
    void shouldNameRungsAsTheConfigurationDoes() {
        assertThat(SchedulingLadder.name(SchedulingRung.DEADLINE_GLOBAL)).isEqualTo("deadline-global");
        assertThat(SchedulingLadder.name(Rung.DEADLINE_GLOBAL)).isEqualTo("deadline-global");
    }
}

package io.ringfence.scheduler.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import org.junit.jupiter.api.Test;

class OwnServerTest {
    @Test
    void shouldSayThatItDoesNotKnowWhenTheThreadHasNoReservation() {
        try (OwnServer server = new OwnServer()) {
            assertThat(server.runtimeLeftNanos()).isIn(OwnServer.UNKNOWN, 0L);
        }
    }

    @Test
    void shouldReadTheNumberBehindABlankAndBehindAMinusWhenRehearsed() {
        try (OwnServer server = OwnServer.rehearsed()) {
            assertThat(server.runtimeLeftNanos()).as("policy of a plain thread").isIn(OwnServer.UNKNOWN, 0L);
            assertThat(server.runtimeLeftNanos()).isIn(OwnServer.UNKNOWN, 0L);
        }
    }

    @Test
    void shouldSayThatAFileCannotBeOpened() {
        assertThat(ThreadCalls.openReadOnly("/proc/thread-self/no-such-file")).isNegative();
        assertThat(ThreadCalls.read(-1, Arena.ofAuto().allocate(8), 8, 0)).isNegative();
    }
}

package io.ringfence.dataplane.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LimitedLogTest {
    private final List<String> told = Collections.synchronizedList(new ArrayList<>());
    private final LimitedLog log = new LimitedLog(new EventLog() {
        @Override
        public void event(String vm, String what) {
            told.add(vm + ": " + what);
        }

        @Override
        public void warning(String vm, String what) {
            told.add(vm + ": warning: " + what);
        }
    });

    @AfterEach
    void close() {
        log.close();
    }

    private void reconnect(int times) {
        for (int i = 0; i < times; i++) {
            log.attached("alice");
            log.detached("alice", "unknown request 99");
        }
    }

    @Test
    void shouldTellHowManyEventsWereLeftOutWhenAFrontEndReconnectsWithoutEnd() {
        reconnect(1000);

        assertThat(told).hasSize(LimitedLog.MOST);
        log.end("alice");
        assertThat(told).hasSize(LimitedLog.MOST + 2);
        assertThat(told.get(LimitedLog.MOST)).startsWith("alice: warning: 1989 events within 10 s are left out");
        assertThat(told.getLast()).isEqualTo("alice: detached: unknown request 99");
    }

    @Test
    void shouldSayHowItsSessionWasLeftWhenOtherEventsFollowed() {
        reconnect(100);
        log.attached("alice");
        log.warning("alice", "queue 1 stopped");

        log.end("alice");

        assertThat(told.getLast()).isEqualTo("alice: attached");
    }

    @Test
    void shouldTellEverythingOfOthersAndOfTheNextPeriod() {
        reconnect(100);
        log.warning("bob", "queue 1 stopped");
        assertThat(told.getLast()).isEqualTo("bob: warning: queue 1 stopped");

        log.end("alice");
        int before = told.size();
        log.attached("alice");

        assertThat(told).hasSize(before + 1);
    }

    @Test
    void shouldLeaveNothingOutWhenThereIsOnlyOneMore() {
        reconnect(LimitedLog.MOST / 2);
        log.attached("alice");

        log.end("alice");

        assertThat(told).hasSize(LimitedLog.MOST + 1);
        assertThat(told.getLast()).isEqualTo("alice: attached");
    }

    @Test
    void shouldTellWhatWasLeftOutAndAllThatFollowsWhenItIsClosed() {
        reconnect(100);

        log.close();
        log.attached("alice");

        assertThat(told).hasSize(LimitedLog.MOST + 3);
    }
}

package io.ringfence.scheduler.linux;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProcFormatTest {
    private static final String NUMBERS =
            " 1 1 1 0 -1 4194304 9 0 0 0 3 4 0 0 20 0 1 0 1234 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 17 2 0 0\n";

    @Test
    void shouldFindTheFieldsBehindANameThatLooksLikeFields() {
        String stat = "77 (a) S (b c)) S" + NUMBERS;
        assertThat(ProcFormat.startTicks(stat)).hasValue(1234L);
        assertThat(ProcFormat.lastCpu(stat)).hasValue(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "77 (java) S 1 1", "77 (java) Z" + NUMBERS, "77 (java) X" + NUMBERS})
    void shouldFindNoStartWhenTheProcessHasEnded(String stat) {
        assertThat(ProcFormat.startTicks(stat)).isEmpty();
    }

    @Test
    void shouldFindTheGroupOfAController() {
        String text = "5:cpuset,cpu:/vms/a:b\n1:name=systemd:/user\n0::/user.slice\n";
        assertThat(ProcFormat.cgroup(text, "cpu")).hasValue("/vms/a:b");
        assertThat(ProcFormat.cgroup(text, "")).hasValue("/user.slice");
        assertThat(ProcFormat.cgroup(text, "memory")).isEmpty();
    }
}

package io.ringfence.dataplane.cli.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class CounterSummaryTest {
    @Test
    void shouldShowOnlyWhatIsOfTheWholeRun() {
        String summary = CounterSummary.of(Map.of(
                "alice/tx-frames", 7L,
                "alice/rx-frames", 0L,
                "alice/worst-latency-ns", 5L,
                "alice/worst-held-up-latency-ns", 5L,
                "alice/tx-most-waiting", 5L,
                "alice/tx-waiting", 5L,
                "alice/interval-latency-ns", 5L));

        assertThat(summary).containsPattern("alice +tx-frames +7\n").doesNotContain("5");
    }
}

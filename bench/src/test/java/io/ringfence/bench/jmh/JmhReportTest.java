package io.ringfence.bench.jmh;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.bench.jmh.JmhResult.Score;
import io.ringfence.bench.report.TextReport;
import io.ringfence.bench.traffic.Json;
import io.ringfence.dataplane.cost.HostIdentity;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class JmhReportTest {
    private static JmhResult result(String cpu, Score... scores) {
        HostIdentity host = new HostIdentity(cpu, "6.18", "jvm", List.of("-XX:+UseZGC"), "1");
        return new JmhResult(Instant.EPOCH, host, 3, 200, List.of(scores));
    }

    private static String text(JmhResult result, JmhResult baseline) {
        return TextReport.of(JmhReport.of(result, baseline));
    }

    private static String line(String text, String start) {
        return text.lines().filter(line -> line.startsWith(start)).findFirst().orElseThrow();
    }

    @ParameterizedTest
    @CsvSource({
        "10, 0.5, 10.9, 0.5, WITHIN_ERROR",
        "10, 0.5, 11.1, 0.5, SLOWER",
        "10, 0.5, 8.9, 0.5, FASTER",
        "10, 2, 11.9, 0, WITHIN_ERROR"
    })
    void shouldCallADifferenceOneOnlyWhereTheIntervalsDoNotTouch(
            double then, double thenError, double now, double nowError, Comparison.Verdict verdict) {
        Comparison comparison = new Comparison(new Score("a", now, nowError), new Score("a", then, thenError));
        assertThat(comparison.verdict()).isEqualTo(verdict);
        assertThat(comparison.ratio()).isEqualTo(now / then);
    }

    @Test
    void shouldShowEachBenchmarkBesideTheBaseline() {
        String text = text(
                result("cpu", new Score("MacTable.known", 6, 0.1), new Score("Visit.direct", 50, 1)),
                result("cpu", new Score("MacTable.known", 4, 0.1)));
        assertThat(line(text, "MacTable.known")).containsPattern("6\\.00 ± 0\\.10 +4\\.00 ± 0\\.10 +1\\.50 +SLOWER");
        assertThat(line(text, "Visit.direct")).containsPattern("50\\.00 ± 1\\.00 +– +– +new");
    }

    @Test
    void shouldNotCompareWithAnotherMachine() {
        String text = text(result("new", new Score("a", 6, 0.1)), result("old", new Score("a", 4, 0.1)));
        assertThat(text).contains("NOT COMPARED", "CPU then `old`, now `new`").doesNotContain("SLOWER", "4.00");
        assertThat(line(text, "a ")).contains("6.00 ± 0.10");
    }

    @Test
    void shouldSayWhenTheMachineItselfHasBecomeSlower() {
        JmhResult before = result("cpu", new Score(JmhReport.MACHINE, 100, 1));
        assertThat(text(result("cpu", new Score(JmhReport.MACHINE, 130, 1)), before))
                .contains("took 1.30 times as long");
        assertThat(text(result("cpu", new Score(JmhReport.MACHINE, 103, 1)), before))
                .doesNotContain("times as long");
    }

    @Test
    void shouldBeReadAgainAsItWasWritten() {
        JmhResult result = result("cpu", new Score("a", 6, 0.1));
        assertThat(Json.MAPPER.readValue(Json.MAPPER.writeValueAsString(result), JmhResult.class))
                .isEqualTo(result);
    }
}

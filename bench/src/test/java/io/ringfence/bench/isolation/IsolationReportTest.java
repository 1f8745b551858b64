package io.ringfence.bench.isolation;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.bench.isolation.IsolationResult.Pair;
import io.ringfence.bench.isolation.IsolationResult.Round;
import io.ringfence.bench.isolation.IsolationResult.VariantResult;
import io.ringfence.bench.report.Block;
import io.ringfence.bench.report.HtmlReport;
import io.ringfence.bench.report.TextReport;
import io.ringfence.bench.traffic.Json;
import io.ringfence.dataplane.cost.HostIdentity;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

final class IsolationReportTest {
    /** The full variant with this latency beside floods, and 10 us alone; the other not at all. */
    private static IsolationResult result(long besideNanos, long lost, String... disturbances) {
        return result(new Pair(
                Aggressor.FLOOD_64,
                Samples.run(1_000, 0, Samples.latencies(1_000, 10_000)),
                Samples.run(1_000, lost, Samples.latencies(1_000, besideNanos), disturbances)));
    }

    private static IsolationResult result(Pair pair) {
        return result(0.5, pair);
    }

    private static IsolationResult result(double seconds, Pair pair) {
        return new IsolationResult(
                Instant.EPOCH,
                new HostIdentity("cpu", "6.18", "jvm", List.of(), "1"),
                1,
                seconds,
                20_000,
                List.of(
                        new VariantResult(
                                Variant.DEADLINE,
                                List.of(new Round(List.of(pair), List.of(Samples.onset(9_000, 10_000)), ""))),
                        new VariantResult(
                                Variant.FIFO, List.of(new Round(List.of(), List.of(), "no right to SCHED_FIFO")))));
    }

    private static String text(IsolationResult result) {
        return TextReport.of(IsolationReport.of(result));
    }

    private static String line(String text, String start) {
        return text.lines().filter(line -> line.startsWith(start)).findFirst().orElseThrow();
    }

    @Test
    void shouldPrintMissedTargetsLikeThoseThatAreMet() {
        assertThat(line(text(result(10_900, 0)), "flood-64 "))
                .containsPattern("1\\.09 met +1\\.09 met +0\\.00 met +0 met");
        assertThat(line(text(result(12_000, 1)), "flood-64 "))
                .containsPattern("1\\.20 MISSED +1\\.20 met +0\\.10 met +1 MISSED");
        assertThat(line(text(result(12_000, 20)), "flood-64 "))
                .containsPattern("∞ MISSED +∞ MISSED +2\\.00 MISSED +20 MISSED");
    }

    @Test
    void shouldSayWhatCouldNotBeMeasured() {
        assertThat(text(result(10_000, 0))).containsPattern("fifo: .*NOT MEASURED.*no right to SCHED_FIFO");
    }

    @Test
    void shouldMarkWhatWasDisturbed() {
        String text = text(result(10_000, 0, "the generator was away for 7.1 % of the time (limit 5 %)"));
        assertThat(line(text, "deadline    1.0")).endsWith("0/1");
        assertThat(text)
                .as("of a pair, and the run in which the aggressor starts")
                .contains("2 of 3 runs were calm");
        assertThat(line(text, "the generator was away for so many % of the time"))
                .endsWith(" 1");
    }

    @Test
    void shouldSayWhatCouldNotBeMeasuredWhenNoLatencyAloneIsLeft() {
        String gaps = "100.0 % of the latencies overlapped gaps of the generator (limit 50 %)";
        IsolationResult result = result(new Pair(
                Aggressor.FLOOD_64,
                Samples.run(1_000, 0, Samples.latencies(), gaps),
                Samples.run(1_000, 0, Samples.latencies(1_000, 10_000))));
        String text = text(result);
        assertThat(line(text, "flood-64 ")).contains("not measured: no latency alone is left", " 0/1");
        assertThat(text).containsPattern("deadline +– → 10\\.0");
        assertThat(line(text, "deadline, alone")).endsWith(" 0");
        String page = HtmlReport.of(IsolationReport.TITLE, IsolationReport.of(result));
        assertThat(page).contains("not measured: no latency alone is left");
        String json = Json.MAPPER.writeValueAsString(result);
        assertThat(json).contains(gaps);
        assertThat(List.of(text, page.replaceAll("(?s)<script>.*?</script>", ""), json))
                .allSatisfy(one -> assertThat(one).doesNotContain("Infinity", "NaN"));
    }

    @Test
    void shouldSayOnceWhatALatencyWithoutAnEndIs() {
        IsolationResult result = result(12_000, 500);
        List<Block> blocks = IsolationReport.of(result);
        String text = TextReport.of(blocks);
        assertThat(text)
                .containsPattern("deadline +10\\.0 → 12\\.0 +10\\.0 → ∞ +10\\.0 → ∞ +10\\.0 → ∞")
                .containsOnlyOnce("∞: so many");
        assertThat(text(result(10_000, 0))).doesNotContain("∞");
        String page = HtmlReport.of(IsolationReport.TITLE, blocks).replaceAll("(?s)<script>.*?</script>", "");
        assertThat(page).contains("<b>∞</b>", "width:100.00%").doesNotContain("Infinity", "NaN");
        assertThat(Json.MAPPER.readValue(Json.MAPPER.writeValueAsString(result), IsolationResult.class))
                .isEqualTo(result);
    }

    @Test
    void shouldSayHowLongTheVictimTookToRecover() {
        assertThat(line(text(result(10_000, 0)), "recovered after")).endsWith("fifo");
        assertThat(text(result(10_000, 0)))
                .containsPattern("flood-64 +30 ms +–")
                .containsPattern("deadline +30 ms +9\\.00 +50\\.0");
    }

    @Test
    void shouldSayHowLongWindowsAreInLongRuns() {
        Pair pair = result(10_000, 0)
                .variants()
                .getFirst()
                .pairs(Aggressor.FLOOD_64)
                .getFirst();
        assertThat(text(result(0.5, pair))).contains("the first ten windows of 10 ms of which");
        assertThat(text(result(6, pair))).contains("the first ten windows of 12 ms of which");
        assertThat(HtmlReport.of(IsolationReport.TITLE, IsolationReport.of(result(6, pair))))
                .contains("Latency over time, windows of 12 ms, first round");
    }

    @Test
    void shouldGoToAPageAndToJson() {
        IsolationResult result = result(10_000, 0);
        assertThat(HtmlReport.of(IsolationReport.TITLE, IsolationReport.of(result)))
                .contains("Targets", Aggressor.FLOOD_64.title(), "Latency over time");
        assertThat(Json.MAPPER.readValue(Json.MAPPER.writeValueAsString(result), IsolationResult.class))
                .isEqualTo(result);
    }
}

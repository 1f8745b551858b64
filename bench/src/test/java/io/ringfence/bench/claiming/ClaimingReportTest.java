package io.ringfence.bench.claiming;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.bench.claiming.ClaimingResult.Cell;
import io.ringfence.bench.claiming.ClaimingResult.Measured;
import io.ringfence.bench.claiming.ClaimingResult.Round;
import io.ringfence.bench.report.TextReport;
import io.ringfence.bench.traffic.Json;
import io.ringfence.dataplane.cost.HostIdentity;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

final class ClaimingReportTest {
    /** Of a sender that brought so many frames, each in 20 ns and seen after 3 us. */
    private static Cell cell(long frames) {
        Histogram latencies = new Histogram(3);
        latencies.recordValueWithCount(3_000, frames);
        return new Cell(
                Arrangement.ONE_CPU,
                60,
                (double) frames,
                Contest.each(20, frames, frames),
                Contest.each(30, frames, frames),
                Contest.micros(latencies, 50),
                Contest.micros(latencies, 99),
                Contest.micros(latencies, 99.9),
                Contest.micros(latencies, 100),
                Contest.each(1, 0, frames),
                Contest.each(1, 0, frames),
                Contest.each(1, 0, frames));
    }

    private static ClaimingResult result(Cell... rounds) {
        return new ClaimingResult(
                Instant.EPOCH,
                new HostIdentity("cpu", "6.18", "jvm", List.of(), "1"),
                rounds.length,
                0.1,
                List.of(new Measured(
                        Way.TOKEN,
                        Stream.of(rounds).map(cell -> new Round(List.of(cell))).toList())));
    }

    /** The columns of the one line that has figures. */
    private static List<String> figures(ClaimingResult result) {
        return TextReport.of(ClaimingReport.of(result))
                .lines()
                .filter(line -> line.startsWith("token, 60") && line.contains("["))
                .map(line -> List.of(line.strip().split(" {2,}")))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void shouldPrintADashWhenThereWasNoSample() {
        assertThat(figures(result(cell(0))))
                .containsExactly("token, 60", "0.00 [0.00–0.00]", "–", "–", "–", "–", "–", "–", "–", "–");
    }

    @Test
    void shouldTakeFiguresOfTheRoundsThatHaveSamplesWhenOneHasNone() {
        assertThat(figures(result(cell(1_000_000), cell(0))).subList(2, 5))
                .containsExactly("20.0 [20.0–20.0]", "30.0 [30.0–30.0]", "0.0 [0.0–0.0]");
    }

    @Test
    void shouldBeReadAsItWasWrittenWhenThereWasNoSample() throws Exception {
        ClaimingResult result = result(cell(0));
        assertThat(Json.MAPPER.readValue(Json.MAPPER.writeValueAsString(result), ClaimingResult.class))
                .isEqualTo(result);
    }
}

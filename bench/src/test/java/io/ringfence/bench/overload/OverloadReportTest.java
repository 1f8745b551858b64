package io.ringfence.bench.overload;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.bench.overload.OverloadResult.Case;
import io.ringfence.bench.overload.OverloadResult.Point;
import io.ringfence.bench.overload.OverloadResult.Run;
import io.ringfence.bench.report.HtmlReport;
import io.ringfence.bench.report.TextReport;
import io.ringfence.bench.traffic.Json;
import io.ringfence.dataplane.cost.HostIdentity;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

final class OverloadReportTest {
    private static Point point(double times, List<Double> delivered) {
        return new Point(times, times * 4e6, delivered, 0.001, 80, List.of());
    }

    /** In each round what two senders get across at one, two and ten times the capacity. */
    private static OverloadResult result(List<List<List<Double>>> rounds) {
        List<Run> runs = rounds.stream()
                .map(round ->
                        new Run(4e6, List.of(point(1, round.get(0)), point(2, round.get(1)), point(10, round.get(2)))))
                .toList();
        return new OverloadResult(
                Instant.EPOCH,
                new HostIdentity("cpu", "6.18", "jvm", List.of(), "1"),
                "deadline",
                runs.size(),
                1,
                List.of(new Case(Destinations.ONE, 64, runs)));
    }

    @Test
    void shouldCompareTheLargestOfferWithTheBestOfTheSameRound() {
        // The machine is twice as fast in the second round, and in the third the first offer is the best.
        OverloadResult result = result(List.of(
                List.of(List.of(1e6, 1e6), List.of(2e6, 2e6), List.of(1.9e6, 1.9e6)),
                List.of(List.of(2e6, 2e6), List.of(4e6, 4e6), List.of(3.9e6, 3.9e6)),
                List.of(List.of(2.5e6, 2.5e6), List.of(2e6, 2e6), List.of(2e6, 2e6))));
        Case one = result.cases().getFirst();
        assertThat(one.keptOfMaximum().median()).isEqualTo(0.95);
        assertThat(one.keptOfMaximum().min()).isEqualTo(0.8);
        assertThat(TextReport.of(OverloadReport.of(result)))
                .contains(">= 0.95", "  met  ")
                .doesNotContain("MISSED");
    }

    @Test
    void shouldPrintAMissedTargetLikeOneThatIsMet() {
        OverloadResult result = result(List.of(List.of(List.of(2e6, 2e6), List.of(2e6, 1e6), List.of(1e6, 1e6))));
        assertThat(TextReport.of(OverloadReport.of(result))).contains("0.500 [0.500–0.500]", "  MISSED  ");
    }

    @Test
    void shouldCallASenderThatGetsNothingUnfair() {
        assertThat(point(1, List.of(2e6, 1e6, 4e6)).fairness()).isEqualTo(0.25);
        assertThat(point(1, List.of(2e6, 0.0)).fairness()).isZero();
        assertThat(point(1, List.of(2e6, 2e6)).fairness()).isEqualTo(1);
    }

    @Test
    void shouldGoToAPageAndToJson() {
        OverloadResult result = result(List.of(List.of(List.of(2e6, 2e6), List.of(2e6, 1e6), List.of(1e6, 1e6))));
        assertThat(HtmlReport.of(OverloadReport.TITLE, OverloadReport.of(result)))
                .contains("\"graph\"", "part of the maximum by offered");
        assertThat(Json.MAPPER.readValue(Json.MAPPER.writeValueAsString(result), OverloadResult.class))
                .isEqualTo(result);
    }
}

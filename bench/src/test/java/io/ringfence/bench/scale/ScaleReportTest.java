package io.ringfence.bench.scale;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.bench.report.HtmlReport;
import io.ringfence.bench.report.TextReport;
import io.ringfence.bench.scale.ScaleResult.Arrival;
import io.ringfence.bench.scale.ScaleResult.Cost;
import io.ringfence.bench.scale.ScaleResult.Idle;
import io.ringfence.bench.scale.ScaleResult.Memory;
import io.ringfence.bench.scale.ScaleResult.Round;
import io.ringfence.bench.scale.ScaleResult.Size;
import io.ringfence.bench.scale.ScaleResult.Victim;
import io.ringfence.bench.traffic.FlowCounts;
import io.ringfence.bench.traffic.Json;
import io.ringfence.dataplane.cost.HostIdentity;
import java.time.Instant;
import java.util.List;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

final class ScaleReportTest {
    private static final long MIB = 1 << 20;

    private static Round round(double nanosPerFrame, long otherMiB, List<Arrival> arrivals, String... disturbances) {
        Histogram latencies = new Histogram(3);
        latencies.recordValueWithCount(100_000, 1_000);
        FlowCounts counts = new FlowCounts(1_000, 0, 0, 1_000, 1_000, 0, 0, 0, 0, 0);
        Victim victim = new Victim(latencies, counts, 5e5, List.of());
        return round(nanosPerFrame, otherMiB, victim, arrivals, disturbances);
    }

    private static Round round(
            double nanosPerFrame, long otherMiB, Victim victim, List<Arrival> arrivals, String... disturbances) {
        Cost cost = new Cost(1e6, nanosPerFrame, 200, 0, List.of(disturbances));
        return new Round(
                cost, cost, victim, new Idle(1_000, 5_000_000), new Memory(10 * MIB, otherMiB * MIB), arrivals);
    }

    private static ScaleResult result(Round few, Round many) {
        return new ScaleResult(
                Instant.EPOCH,
                new HostIdentity("cpu", "6.18", "jvm", List.of(), "1"),
                "deadline",
                1,
                1,
                List.of(new Size(2, List.of(few)), new Size(64, List.of(many))));
    }

    private static String text(ScaleResult result) {
        return TextReport.of(ScaleReport.of(result));
    }

    private static String line(String text, String start) {
        return text.lines().filter(line -> line.startsWith(start)).findFirst().orElseThrow();
    }

    @Test
    void shouldPrintMissedTargetsLikeThoseThatAreMet() {
        Round few = round(100, 100, List.of());
        String met = text(result(few, round(129, 100, List.of(new Arrival(1, 1, 1_000, 0)))));
        assertThat(line(met, "cost of a frame with 64 VMs")).containsPattern("1\\.29 .*<= 1\\.30 +met +1/1");
        assertThat(line(met, "frames that the others lost")).containsPattern(" 0 +0 +met");
        String missed = text(result(few, round(131, 100, List.of(new Arrival(1, 1, 1_000, 7)), "disturbed")));
        assertThat(line(missed, "cost of a frame with 64 VMs")).containsPattern("1\\.31 .*<= 1\\.30 +MISSED +0/1");
        assertThat(line(missed, "frames that the others lost")).containsPattern(" 7 +0 +MISSED");
    }

    @Test
    void shouldSayWhatEachFurtherVmTakes() {
        assertThat(text(result(round(100, 100, List.of()), round(100, 131, List.of()))))
                .contains("0.50 MiB for each VM beyond 2.");
    }

    @Test
    void shouldReportOneNumberOfVmsAlone() {
        ScaleResult both = result(round(100, 100, List.of()), round(100, 100, List.of()));
        ScaleResult one = new ScaleResult(
                both.startedAt(),
                both.host(),
                both.scheduling(),
                1,
                1,
                both.sizes().subList(0, 1));
        assertThat(text(one)).doesNotContain("cost of a frame with", "for each VM beyond");
    }

    @Test
    void shouldClaimNothingOfArrivalsWhenThereWereNone() {
        assertThat(text(result(round(100, 100, List.of()), round(100, 100, List.of()))))
                .contains("Targets", "cost of a frame with 64 VMs")
                .doesNotContain("frames that the others lost");
    }

    @Test
    void shouldNotTakeAVictimWithoutLatenciesForAFastOne() {
        FlowCounts counts = new FlowCounts(1_000, 0, 0, 1_000, 1_000, 0, 0, 0, 0, 1_000);
        Victim unmeasured = new Victim(new Histogram(3), counts, 5e5, List.of("the generator was away"));
        assertThat(unmeasured.micros(99)).isEmpty();
        ScaleResult result = result(round(100, 100, List.of()), round(100, 100, unmeasured, List.of()));
        String text = text(result);
        assertThat(text.substring(text.indexOf("p99, us")))
                .containsPattern("64 VMs +not measured: no latency is left +– +– +–");
        assertThat(HtmlReport.of(ScaleReport.TITLE, ScaleReport.of(result)))
                .contains("not measured: no latency is left");
    }

    @Test
    void shouldTakeFramesThatDidNotArriveForTheSlowestOnes() {
        Histogram latencies = new Histogram(3);
        latencies.recordValueWithCount(100_000, 900);
        FlowCounts counts = new FlowCounts(1_000, 0, 0, 900, 900, 0, 100, 0, 0, 0);
        Victim lossy = new Victim(latencies, counts, 5e5, List.of());
        ScaleResult result = result(round(100, 100, List.of()), round(100, 100, lossy, List.of()));
        String text = text(result);
        assertThat(text.substring(text.indexOf("p99, us"))).containsPattern("64 VMs +∞ +∞ +∞ +1/1");
        assertThat(text).containsOnlyOnce("∞: so many");
    }

    @Test
    void shouldSayWhatDisturbedHowManyRuns() {
        String text = text(result(round(100, 100, List.of()), round(100, 100, List.of(), "the generator was away")));
        assertThat(text).contains("4 of 6 runs were calm");
        assertThat(line(text, "the generator was away")).endsWith(" 2");
    }

    @Test
    void shouldGoToAPageAndToJson() {
        ScaleResult result = result(round(100, 100, List.of()), round(120, 110, List.of(new Arrival(1, 2, 3, 0))));
        assertThat(HtmlReport.of(ScaleReport.TITLE, ScaleReport.of(result))).contains("Targets", "64 VMs");
        assertThat(Json.MAPPER.readValue(Json.MAPPER.writeValueAsString(result), ScaleResult.class))
                .isEqualTo(result);
    }
}

package io.ringfence.bench.visits;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.bench.report.Block;
import io.ringfence.bench.report.HtmlReport;
import io.ringfence.bench.report.TextReport;
import io.ringfence.bench.traffic.FlowCounts;
import io.ringfence.bench.traffic.Json;
import io.ringfence.bench.visits.VisitsResult.Cell;
import io.ringfence.bench.visits.VisitsResult.Measured;
import io.ringfence.bench.visits.VisitsResult.Round;
import io.ringfence.dataplane.cost.HostIdentity;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class VisitsReportTest {
    private static VisitsResult result(Parameter... parameters) {
        return result(0, latencies(), parameters);
    }

    private static VisitsResult result(long lost, Histogram latencies, Parameter... parameters) {
        Round round = round(lost, latencies);
        List<Measured> settings = Setting.forCurvesOf(List.of(parameters)).stream()
                .map(setting -> new Measured(setting, List.of(round, round)))
                .toList();
        return new VisitsResult(
                Instant.EPOCH,
                new HostIdentity("cpu", "6.18", "jvm", List.of(), "1"),
                "deadline",
                2,
                1,
                List.of(parameters),
                settings);
    }

    private static Histogram latencies() {
        Histogram latencies = new Histogram(3);
        latencies.recordValueWithCount(4_500, 980);
        latencies.recordValueWithCount(57_000, 20);
        return latencies;
    }

    private static Round round(long lost, Histogram latencies) {
        FlowCounts counts = new FlowCounts(1_000, 0, 0, 1_000 - lost, 1_000 - lost, 0, lost, 0, 0, 0);
        return new Round(Stream.of(Load.values())
                .map(load -> new Cell(load, 9e6, 70, load.isTimed() ? latencies : new Histogram(3), counts, List.of()))
                .toList());
    }

    @ParameterizedTest
    @EnumSource
    void shouldHaveAPointForEachValueAndAmongThemWhatIsInService(Parameter parameter) {
        assertThat(parameter.points()).isSorted().contains(parameter.usual());
        assertThat(result(Parameter.values()).curve(parameter))
                .extracting(one -> one.setting().valueOf(parameter))
                .containsExactlyElementsOf(parameter.points());
    }

    @Test
    void shouldMeasureWhatIsInServiceOnce() {
        List<Setting> settings = Setting.forCurvesOf(List.of(Parameter.values()));
        assertThat(settings.stream().filter(Setting::isUsual)).hasSize(1);
        assertThat(settings).extracting(Setting::title).doesNotHaveDuplicates();
    }

    @Test
    void shouldChangeOneNumberOnly() {
        assertThat(Setting.USUAL.jvmOptions()).isEmpty();
        assertThat(new Setting(Parameter.PACE, 50).jvmOptions()).containsExactly("-Dringfence.visits.pace.nanos=50000");
        assertThat(new Setting(Parameter.PACE, 50).period()).hasMillis(1);
        assertThat(new Setting(Parameter.PERIOD, 250).jvmOptions()).isEmpty();
        assertThat(new Setting(Parameter.PERIOD, 250).period()).hasNanos(250_000);
    }

    @Test
    void shouldHaveALineForEachPoint() {
        String text = TextReport.of(VisitsReport.of(result(Parameter.BATCH)));
        assertThat(text.lines().filter(line -> line.contains("9.00 [9.00–9.00]")))
                .map(line -> line.replaceAll("  .*", ""))
                .containsExactly("8.00", "16.0", "32.0", "64.0 *");
    }

    @Test
    void shouldShowAndStoreLatenciesThatHaveNoEnd() {
        VisitsResult result = result(500, latencies(), Parameter.PACE);
        List<Block> blocks = VisitsReport.of(result);
        assertThat(TextReport.of(blocks)).contains("∞ [∞–∞]").containsOnlyOnce("∞: so many");
        assertThat(HtmlReport.of(VisitsReport.TITLE, blocks)).doesNotContain("\"Infinity\"");
        assertThat(Json.MAPPER.readValue(Json.MAPPER.writeValueAsString(result), VisitsResult.class))
                .isEqualTo(result);
    }

    @Test
    void shouldNotTakeASettingWithoutLatenciesForAFastOne() {
        VisitsResult result = result(0, new Histogram(3), Parameter.VISIT);
        List<Block> blocks = VisitsReport.of(result);
        assertThat(TextReport.of(blocks).lines().filter(line -> line.startsWith("25.0")))
                .singleElement()
                .asString()
                .containsPattern("25\\.0 +– +– +70 .* – +– +70 .* 9\\.00 ")
                .doesNotContainPattern(" 0(\\.0)? ");
        assertThat(HtmlReport.of(VisitsReport.TITLE, blocks)).contains("\"graph\"");
        assertThat(result.settings()
                        .getFirst()
                        .rounds()
                        .getFirst()
                        .cell(Load.FEW)
                        .microsText(99))
                .isEqualTo("–");
    }

    @Test
    void shouldGoToAPageAndToJson() {
        VisitsResult result = result(Parameter.PACE, Parameter.PERIOD);
        assertThat(HtmlReport.of(VisitsReport.TITLE, VisitsReport.of(result)))
                .contains("\"graph\"", "p50 and p99 in us by pace, us", "Mpps by period, us");
        assertThat(Json.MAPPER.readValue(Json.MAPPER.writeValueAsString(result), VisitsResult.class))
                .isEqualTo(result);
    }
}

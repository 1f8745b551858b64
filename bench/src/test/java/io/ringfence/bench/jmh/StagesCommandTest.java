package io.ringfence.bench.jmh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.ringfence.bench.BadCommandLine;
import io.ringfence.bench.LaunchedCommand;
import io.ringfence.bench.jmh.JmhResult.Score;
import io.ringfence.bench.report.TextReport;
import io.ringfence.bench.traffic.Json;
import io.ringfence.dataplane.cost.HostIdentity;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class StagesCommandTest {
    @TempDir
    private Path folder;

    @Test
    void shouldMeasureEveryStage() throws Exception {
        Path json = folder.resolve("result.json");
        LaunchedCommand command =
                LaunchedCommand.run(folder, "bench", "stages", "--forks=1", "--millis=10", "--json=" + json);
        assertThat(command.exitCode()).as(command.output()).isZero();
        assertThat(command.output()).contains("64 bytes", "1518 bytes", "a whole visit");
        JmhResult result = Json.MAPPER.readValue(Files.readString(json), JmhResult.class);
        assertThat(result.scores()).hasSize(10).allMatch(score -> score.nanos() > 0);
        assertThat(Stages.of(result, Stages.LONG_LENGTH).whole()).isPositive();
    }

    @Test
    void shouldTakeStagesThatAreMeasuredTogetherApart() {
        JmhResult result = new JmhResult(
                Instant.EPOCH,
                new HostIdentity("cpu", "6.18", "jvm", List.of(), "1"),
                1,
                10,
                List.of(
                        new Score("Stage.pop", 2, 0),
                        new Score("Stage.read", 3.5, 0),
                        new Score("SplitVirtqueue.plain", 4, 0),
                        new Score("MacTable.known", 6.4, 0),
                        new Score("Stage.claim", 32, 0),
                        new Score("Stage.call", 640, 0),
                        new Score("Stage.copy64", 10, 0),
                        new Score("Stage.copy1518", 60, 0),
                        new Score("Stage.visit64", 25, 0),
                        new Score("Stage.visit1518", 90, 0)));
        assertThat(Stages.of(result, Stages.SHORT_LENGTH).stages())
                .extracting(Stages.Stage::nanos)
                .containsExactly(2.0, 1.5, 0.1, 0.5, 2.0, 10.0, 4.0);
        assertThat(Stages.of(result, Stages.SHORT_LENGTH).rest()).isCloseTo(4.9, within(1e-9));
        assertThat(Stages.of(result, Stages.LONG_LENGTH).rest()).isCloseTo(19.9, within(1e-9));
        assertThat(TextReport.of(StagesReport.of(result)).lines())
                .anySatisfy(line -> assertThat(line).matches("copy the frame +10.00 +60.00"))
                .anySatisfy(line -> assertThat(line).matches("besides, .* 10.00 +10.00"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"--forks=0", "--millis=1"})
    void shouldRefuseABadCommandLine(String option) {
        BadCommandLine.shouldBeRefused(new StagesCommand(), option);
    }
}

package io.ringfence.bench.visits;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.bench.LaunchedCommand;
import io.ringfence.bench.host.OnlineCpus;
import io.ringfence.bench.traffic.TrafficJson;
import io.ringfence.bench.visits.VisitsResult.Measured;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** The benchmark as a user runs it, as short as it can be, on the rung that every host gives. */
@Timeout(value = 240, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class VisitsCommandTest {
    @TempDir
    private Path folder;

    @Test
    void shouldMeasureAndWriteReports() throws Exception {
        Assumptions.assumeTrue(OnlineCpus.last() > 0, "needs two CPUs");
        Path json = folder.resolve("result.json");
        Path html = folder.resolve("report.html");
        LaunchedCommand command = LaunchedCommand.run(
                folder,
                "bench",
                "visits",
                "--rounds=1",
                "--seconds=0.1",
                "--parameters=visit",
                "--scheduling=other",
                "--json=" + json,
                "--html=" + html);
        assertThat(command.exitCode()).as(command.output()).isZero();
        assertThat(command.output()).contains("By visit", "100 *", "20 000 frames/s");
        VisitsResult result = TrafficJson.MAPPER.readValue(Files.readString(json), VisitsResult.class);
        assertThat(result.curve(Parameter.VISIT))
                .hasSize(Parameter.VISIT.points().size());
        for (Measured one : result.settings()) {
            assertThat(one.rounds().getFirst().cells())
                    .hasSize(Load.values().length)
                    .allSatisfy(cell -> {
                        assertThat(cell.framesPerSecond()).isPositive();
                        assertThat(cell.workerNanosPerFrame()).isPositive();
                    });
        }
        assertThat(Files.readString(html)).contains("uPlot", VisitsReport.TITLE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--rounds=0", "--seconds=0.01", "--parameters=weather", "--scheduling=best"})
    void shouldRefuseABadCommandLine(String option) {
        StringWriter errors = new StringWriter();
        assertThat(new CommandLine(new VisitsCommand())
                        .setErr(new PrintWriter(errors))
                        .execute(option))
                .isEqualTo(2);
        assertThat(errors.toString()).contains(option.replaceAll("=.*", ""), "expected");
    }
}

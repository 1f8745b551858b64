package io.ringfence.bench.claiming;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.bench.LaunchedCommand;
import io.ringfence.bench.claiming.ClaimingResult.Measured;
import io.ringfence.bench.host.OnlineCpus;
import io.ringfence.bench.traffic.TrafficJson;
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

/** The benchmark as a user runs it, as short as it can be. */
@Timeout(value = 240, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class ClaimingCommandTest {
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
                "claiming",
                "--rounds=1",
                "--seconds=0.1",
                "--ways=switch,completion",
                "--json=" + json,
                "--html=" + html);
        assertThat(command.exitCode()).as(command.output()).isZero();
        assertThat(command.output()).contains("two CPUs", "switch, 60", "completion, 1514");
        ClaimingResult result = TrafficJson.MAPPER.readValue(Files.readString(json), ClaimingResult.class);
        assertThat(result.ways()).extracting(Measured::way).containsExactly(Way.SWITCH, Way.COMPLETION_ORDER);
        for (Measured one : result.ways()) {
            assertThat(one.rounds().getFirst().cells())
                    .extracting(ClaimingResult.Cell::arrangement)
                    .contains(Arrangement.WARM, Arrangement.ALONE, Arrangement.TWO_CPUS, Arrangement.ONE_CPU);
            // One cell may come to nothing within 0.1 s on a busy machine.
            assertThat(one.rounds().getFirst().cells()).anySatisfy(cell -> {
                assertThat(cell.framesPerSecond()).isPositive();
                assertThat(cell.sendNanos()).isPositive();
                assertThat(cell.cpuNanos()).isPositive();
            });
        }
        assertThat(Files.readString(html)).contains(ClaimingReport.TITLE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--rounds=0", "--seconds=0.01", "--ways=spin"})
    void shouldRefuseABadCommandLine(String option) {
        StringWriter errors = new StringWriter();
        assertThat(new CommandLine(new ClaimingCommand())
                        .setErr(new PrintWriter(errors))
                        .execute(option))
                .isEqualTo(2);
        assertThat(errors.toString()).contains(option.replaceAll("=.*", ""), "expected");
    }
}

package io.ringfence.bench.overload;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.bench.LaunchedCommand;
import io.ringfence.bench.host.OnlineCpus;
import io.ringfence.bench.overload.OverloadResult.Point;
import io.ringfence.bench.traffic.TrafficJson;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** The benchmark as a user runs it, as short as it can be, on the rung that every host gives. */
@Timeout(value = 180, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class OverloadCommandTest {
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
                "overload",
                "--rounds=1",
                "--seconds=0.1",
                "--lengths=64",
                "--destinations=one",
                "--scheduling=other",
                "--json=" + json,
                "--html=" + html);
        assertThat(command.exitCode()).as(command.output()).isZero();
        assertThat(command.output()).contains("four senders, one destination, 64 bytes", "smallest to largest share");
        OverloadResult result = TrafficJson.MAPPER.readValue(Files.readString(json), OverloadResult.class);
        List<Point> points = result.cases().getFirst().runs().getFirst().points();
        assertThat(points).extracting(Point::times).containsExactlyElementsOf(OverloadTrial.TIMES);
        assertThat(points).allSatisfy(point -> {
            assertThat(point.delivered()).isPositive();
            assertThat(point.workerNanosPerFrame()).isPositive();
            assertThat(point.deliveredBySender()).hasSize(Destinations.SENDERS);
            // Departures are counted from the beginning: what is offered is so much whatever the switch takes.
            assertThat(point.offered())
                    .isBetween(
                            0.9
                                    * point.times()
                                    * result.cases()
                                            .getFirst()
                                            .runs()
                                            .getFirst()
                                            .capacity(),
                            1.1
                                    * point.times()
                                    * result.cases()
                                            .getFirst()
                                            .runs()
                                            .getFirst()
                                            .capacity());
        });
        assertThat(Files.readString(html)).contains("uPlot", OverloadReport.TITLE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--rounds=0", "--seconds=0.01", "--lengths=59", "--destinations=many", "--scheduling=best"})
    void shouldRefuseABadCommandLine(String option) {
        StringWriter errors = new StringWriter();
        assertThat(new CommandLine(new OverloadCommand())
                        .setErr(new PrintWriter(errors))
                        .execute(option))
                .isEqualTo(2);
        assertThat(errors.toString()).contains(option.replaceAll("=.*", ""), "expected");
    }
}

package io.ringfence.bench.overload;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.bench.BadCommandLine;
import io.ringfence.bench.LaunchedBenchmark;
import io.ringfence.bench.overload.OverloadResult.Point;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The benchmark as a user runs it, as short as it can be, on the rung that every host gives. */
@Timeout(value = 180, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class OverloadCommandTest {
    @TempDir
    private Path folder;

    @Test
    void shouldMeasureAndWriteReports() throws Exception {
        LaunchedBenchmark benchmark = LaunchedBenchmark.run(
                folder,
                "overload",
                "--rounds=1",
                "--seconds=0.1",
                "--lengths=64",
                "--destinations=one",
                "--scheduling=other");
        assertThat(benchmark.output()).contains("four senders, one destination, 64 bytes", "smallest to largest share");
        OverloadResult result = benchmark.result(OverloadResult.class);
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
        assertThat(benchmark.page()).contains("uPlot", OverloadReport.TITLE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--rounds=0",
                "--seconds=0.01",
                "--lengths=59",
                "--lengths=64,64",
                "--destinations=many",
                "--scheduling=best"
            })
    void shouldRefuseABadCommandLine(String option) {
        BadCommandLine.shouldBeRefused(new OverloadCommand(), option);
    }
}

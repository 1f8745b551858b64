package io.ringfence.bench.visits;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.bench.BadCommandLine;
import io.ringfence.bench.LaunchedBenchmark;
import io.ringfence.bench.visits.VisitsResult.Measured;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The benchmark as a user runs it, as short as it can be, on the rung that every host gives. */
@Timeout(value = 240, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class VisitsCommandTest {
    @TempDir
    private Path folder;

    @Test
    void shouldMeasureAndWriteReports() throws Exception {
        LaunchedBenchmark benchmark = LaunchedBenchmark.run(
                folder, "visits", "--rounds=1", "--seconds=0.1", "--parameters=visit", "--scheduling=other");
        assertThat(benchmark.output()).contains("By visit", "100 *", "20 000 frames/s");
        VisitsResult result = benchmark.result(VisitsResult.class);
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
        assertThat(benchmark.page()).contains("uPlot", VisitsReport.TITLE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--rounds=0", "--seconds=0.01", "--parameters=weather", "--scheduling=best"})
    void shouldRefuseABadCommandLine(String option) {
        BadCommandLine.shouldBeRefused(new VisitsCommand(), option);
    }
}

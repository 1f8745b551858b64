package io.ringfence.bench.claiming;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.bench.BadCommandLine;
import io.ringfence.bench.LaunchedBenchmark;
import io.ringfence.bench.claiming.ClaimingResult.Measured;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The benchmark as a user runs it, as short as it can be. */
@Timeout(value = 240, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class ClaimingCommandTest {
    @TempDir
    private Path folder;

    @Test
    void shouldMeasureAndWriteReports() throws Exception {
        LaunchedBenchmark benchmark =
                LaunchedBenchmark.run(folder, "claiming", "--rounds=1", "--seconds=0.1", "--ways=switch,completion");
        assertThat(benchmark.output()).contains("two CPUs", "switch, 60", "completion, 1514");
        ClaimingResult result = benchmark.result(ClaimingResult.class);
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
        assertThat(benchmark.page()).contains(ClaimingReport.TITLE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--rounds=0", "--seconds=0.01", "--ways=spin"})
    void shouldRefuseABadCommandLine(String option) {
        BadCommandLine.shouldBeRefused(new ClaimingCommand(), option);
    }
}

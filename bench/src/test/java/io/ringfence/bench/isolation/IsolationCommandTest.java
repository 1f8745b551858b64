package io.ringfence.bench.isolation;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.bench.BadCommandLine;
import io.ringfence.bench.LaunchedBenchmark;
import io.ringfence.bench.LaunchedCommand;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The benchmark as a user runs it, as short as it can be, on the rung that every host gives. */
@Timeout(value = 180, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class IsolationCommandTest {
    @TempDir
    private Path folder;

    @Test
    void shouldMeasureAVictimAloneAndBesideAnAggressorAndWriteReports() throws Exception {
        LaunchedBenchmark benchmark = LaunchedBenchmark.run(
                folder,
                "isolation",
                "--rounds=1",
                "--seconds=0.2",
                "--rate=10000",
                "--variants=other",
                "--aggressors=flood-64");
        assertThat(benchmark.output())
                .contains("flood-64: Flood of 64-byte frames", "IF99.9 ", "of 5 runs were calm")
                .doesNotContain("NOT MEASURED");
        IsolationResult result = benchmark.result(IsolationResult.class);
        IsolationResult.Pair pair =
                result.variants().getFirst().pairs(Aggressor.FLOOD_64).getFirst();
        assertThat(pair.without().counts().sent() + pair.without().counts().unsent())
                .as("10000 a second, counted without the warm-up")
                .isEqualTo(2_000);
        assertThat(result.framesPerSecond()).isEqualTo(10_000);
        assertThat(pair.without().neighboursPerSecond()).isZero();
        assertThat(pair.with().neighboursPerSecond()).isPositive();
        assertThat(benchmark.page()).contains("uPlot", IsolationReport.TITLE);
        try (DirectoryStream<Path> left = Files.newDirectoryStream(folder, "ringfence*")) {
            assertThat(left).as("sockets and counters").isEmpty();
        }
    }

    @Test
    void shouldSayWhichProgramRefusesAnOptionThatThereIsNot() throws Exception {
        LaunchedCommand command = LaunchedCommand.run(folder, "bench", "isolation", "--round=1");
        assertThat(command.exitCode()).as(command.output()).isEqualTo(2);
        assertThat(command.output()).contains("ringfence: ", "--round=1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"--rounds=0", "--seconds=0.01", "--rate=0", "--aggressors=flood", "--variants=deadline,best"})
    void shouldRefuseABadCommandLine(String option) {
        BadCommandLine.shouldBeRefused(new IsolationCommand(), option);
    }
}

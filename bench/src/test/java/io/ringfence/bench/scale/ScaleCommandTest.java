package io.ringfence.bench.scale;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.bench.BadCommandLine;
import io.ringfence.bench.LaunchedBenchmark;
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
final class ScaleCommandTest {
    @TempDir
    private Path folder;

    @Test
    void shouldMeasureAndWriteReports() throws Exception {
        LaunchedBenchmark benchmark =
                LaunchedBenchmark.run(folder, "scale", "--rounds=1", "--seconds=0.2", "--vms=4", "--scheduling=other");
        assertThat(benchmark.output()).contains("4 VMs", "The last VM comes while all others");
        ScaleResult result = benchmark.result(ScaleResult.class);
        assertThat(result.sizes()).extracting(ScaleResult.Size::vms).containsExactly(4);
        for (ScaleResult.Size size : result.sizes()) {
            ScaleResult.Round round = size.rounds().getFirst();
            assertThat(round.flood().framesPerSecond()).isPositive();
            assertThat(round.flood().workerNanosPerFrame()).isPositive();
            assertThat(round.flood().framesPerVisit()).isPositive();
            assertThat(round.victim().counts().received())
                    .as("of 20000 a second")
                    .isPositive();
            assertThat(round.memory().heapUsed()).isBetween(1L << 20, 256L << 20);
            assertThat(round.memory().other()).isGreaterThan(16 << 20);
            assertThat(round.arrivals()).hasSize(3);
            assertThat(round.arrivals()).allSatisfy(arrival -> {
                assertThat(arrival.sent()).isPositive();
                assertThat(arrival.lost()).isZero();
                assertThat(arrival.addNanos()).isPositive();
                assertThat(arrival.attachNanos()).isPositive();
            });
        }
        assertThat(benchmark.page()).contains("uPlot", ScaleReport.TITLE);
        try (DirectoryStream<Path> left = Files.newDirectoryStream(folder, "ringfence*")) {
            assertThat(left)
                    .as("sockets and counters")
                    .allMatch(path -> path.toString().endsWith(".yaml"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"--rounds=0", "--seconds=0.01", "--vms=3", "--vms=4,2", "--vms=128", "--scheduling=best"})
    void shouldRefuseABadCommandLine(String option) {
        BadCommandLine.shouldBeRefused(new ScaleCommand(), option);
    }
}

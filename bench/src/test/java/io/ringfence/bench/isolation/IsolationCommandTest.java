package io.ringfence.bench.isolation;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.bench.host.OnlineCpus;
import io.ringfence.bench.traffic.TrafficJson;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
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

    private int run(String... arguments) throws Exception {
        Path root = Path.of(System.getProperty("ringfence.root"));
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "@" + root.resolve("jvm.options"),
                "-Djava.io.tmpdir=" + folder,
                "-cp",
                System.getProperty("java.class.path"),
                "io.ringfence.dataplane.cli.Ringfence",
                "bench",
                "isolation"));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("output").toFile())
                .start()
                .waitFor();
    }

    private String output() throws Exception {
        return Files.readString(folder.resolve("output"));
    }

    @Test
    void shouldMeasureAVictimAloneAndBesideAnAggressorAndWriteReports() throws Exception {
        Assumptions.assumeTrue(OnlineCpus.last() > 0, "needs two CPUs");
        Path json = folder.resolve("result.json");
        Path html = folder.resolve("report.html");
        int exitCode = run(
                "--rounds=1",
                "--seconds=0.2",
                "--variants=other",
                "--aggressors=flood-64",
                "--json=" + json,
                "--html=" + html);
        assertThat(exitCode).as(output()).isZero();
        assertThat(output())
                .contains("flood-64: Flood of 64-byte frames", "IF99.9 ", "of 4 runs were calm")
                .doesNotContain("NOT MEASURED");
        IsolationResult result = TrafficJson.MAPPER.readValue(Files.readString(json), IsolationResult.class);
        IsolationResult.Pair pair =
                result.variants().getFirst().pairs(Aggressor.FLOOD_64).getFirst();
        assertThat(pair.without().counts().sent() + pair.without().counts().unsent())
                .as("20000 a second, counted without the warm-up")
                .isEqualTo(4_000);
        assertThat(pair.without().neighboursPerSecond()).isZero();
        assertThat(pair.with().neighboursPerSecond()).isPositive();
        assertThat(Files.readString(html)).contains("uPlot", IsolationReport.TITLE);
        try (DirectoryStream<Path> left = Files.newDirectoryStream(folder, "ringfence*")) {
            assertThat(left).as("sockets and counters").isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"--rounds=0", "--seconds=0.01", "--aggressors=flood", "--variants=deadline,best", "--round=1"})
    void shouldRefuseABadCommandLine(String option) throws Exception {
        assertThat(run(option)).as(output()).isEqualTo(2);
        assertThat(output()).contains("ringfence: ");
    }
}

package io.ringfence.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.bench.BadCommandLine;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

final class BenchmarkOutputTest {
    @Command
    private static final class Benchmark implements Callable<Integer> {
        @Mixin
        private final BenchmarkOutput output = new BenchmarkOutput();

        private boolean hasMeasured;

        @Override
        public Integer call() {
            output.say("measured");
            hasMeasured = true;
            return 0;
        }
    }

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"--json=/nowhere/result.json", "--html=/nowhere/report.html", "--json=/", "--html=/"})
    void shouldMeasureNothingWhenAFileCannotBeWritten(String option) {
        Benchmark benchmark = new Benchmark();
        BadCommandLine.shouldBeRefused(benchmark, option);
        assertThat(benchmark.hasMeasured).isFalse();
    }

    /** Names of one file: there is a link to the folder, and one to a file that is there. */
    @ParameterizedTest
    @CsvSource({
        "report, report",
        "report, ./report",
        "report, link/report",
        "link/there, there",
        "there, hard",
        "there, soft"
    })
    void shouldMeasureNothingWhenBothFilesAreTheSame(String one, String other) throws IOException {
        Path there = Files.createFile(folder.resolve("there"));
        Files.createSymbolicLink(folder.resolve("link"), folder);
        Files.createSymbolicLink(folder.resolve("soft"), there);
        Files.createLink(folder.resolve("hard"), there);
        for (List<String> options : List.of(
                List.of("--json=" + folder + "/" + one, "--html=" + folder + "/" + other),
                List.of("--html=" + folder + "/" + one, "--json=" + folder + "/" + other))) {
            Benchmark benchmark = new Benchmark();
            StringWriter errors = new StringWriter();
            assertThat(new CommandLine(benchmark)
                            .setErr(new PrintWriter(errors))
                            .execute(options.toArray(String[]::new)))
                    .isEqualTo(2);
            assertThat(errors.toString()).startsWith("--html").contains("expected another file than that of --json");
            assertThat(benchmark.hasMeasured).isFalse();
        }
    }

    @Test
    void shouldMeasureWhenFilesDifferOrTakeBoth() {
        for (List<String> options : List.of(
                List.of("--json=" + folder.resolve("report.json"), "--html=" + folder.resolve("report.html")),
                List.of("--json=/dev/null", "--html=/dev/null"))) {
            Benchmark benchmark = new Benchmark();
            assertThat(new CommandLine(benchmark).execute(options.toArray(String[]::new)))
                    .isZero();
            assertThat(benchmark.hasMeasured).isTrue();
        }
    }

    @Test
    void shouldMeasureWhenNoFileIsAskedFor() {
        Benchmark benchmark = new Benchmark();
        assertThat(new CommandLine(benchmark).execute()).isZero();
        assertThat(benchmark.hasMeasured).isTrue();
    }
}

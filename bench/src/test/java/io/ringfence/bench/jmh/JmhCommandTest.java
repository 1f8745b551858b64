package io.ringfence.bench.jmh;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.bench.LaunchedCommand;
import io.ringfence.bench.traffic.Json;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class JmhCommandTest {
    @TempDir
    private Path folder;

    /**
     * Every benchmark runs, however short; and what was written is a baseline for the next run. That one is forked, as for a user,
     * and as those of {@link StagesCommandTest}.
     */
    @Test
    void shouldRunAllBenchmarksAndCompareWithWhatAnEarlierRunWrote() throws Exception {
        Path first = folder.resolve("first.json");
        LaunchedCommand all = LaunchedCommand.run(
                folder,
                List.of("-Dringfence.bench.jmh.unforked=true"),
                "bench",
                "jmh",
                "--forks=1",
                "--millis=10",
                "--json=" + first);
        assertThat(all.exitCode()).as(all.output()).isZero();
        JmhResult result = Json.MAPPER.readValue(Files.readString(first), JmhResult.class);
        assertThat(result.scores())
                .extracting(JmhResult.Score::benchmark)
                .contains(JmhReport.MACHINE, "MacTable.known", "SplitVirtqueue.plain", "Handoff.of60Bytes")
                .hasSizeGreaterThan(10);
        assertThat(result.scores()).allMatch(score -> score.nanos() > 0);

        LaunchedCommand again = LaunchedCommand.run(
                folder, "bench", "jmh", "--forks=1", "--millis=10", "--baseline=" + first, "MacTable.known");
        assertThat(again.exitCode()).as(again.output()).isZero();
        assertThat(again.output())
                .contains("MacTable.known", "ratio")
                .doesNotContain("NOT COMPARED", "SplitVirtqueue", "MacTable.unknown", "new");
    }

    @ParameterizedTest
    @CsvSource({
        "--forks=0, --forks",
        "--millis=1, --millis",
        "--baseline=/nowhere, expected a file",
        "(, regular expression",
        "NoSuchBenchmark, PATTERN"
    })
    void shouldRefuseABadCommandLine(String argument, String said) {
        StringWriter errors = new StringWriter();
        assertThat(new CommandLine(new JmhCommand())
                        .setErr(new PrintWriter(errors))
                        .execute(argument))
                .isEqualTo(2);
        assertThat(errors.toString()).contains(said);
    }

    @Test
    void shouldRefuseABaselineThatIsNone() throws Exception {
        Path file = Files.writeString(folder.resolve("other.json"), "{}");
        StringWriter errors = new StringWriter();
        assertThat(new CommandLine(new JmhCommand())
                        .setErr(new PrintWriter(errors))
                        .execute("--baseline=" + file))
                .isEqualTo(2);
        assertThat(errors.toString()).contains("what `bench jmh --json` wrote");
    }
}

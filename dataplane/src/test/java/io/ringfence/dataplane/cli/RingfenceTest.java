package io.ringfence.dataplane.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RingfenceTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''                       | required",
                "chekc --config x         | check",
                "check                    | --config",
                "check --config           | --config",
                "check --config x surplus | surplus",
                "check --confg x          | --config",
                "check --confg x          | Unknown option",
                "check x                  | 'x'",
                "qemu --config x          | VM",
                "help chekc               | chekc",
                "run --config x --diagnose garbage,nonsense | nonsense",
                "qemu --config x vm --format=yaml | --format",
            })
    void shouldExitWithTwoAndSayWhatIsWrongWhenTheCommandLineIs(String line, String named) {
        CommandLineRun run = CommandLineRun.of(line.isEmpty() ? new String[0] : line.split(" "));

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).containsIgnoringCase(named).doesNotContain("Exception");
        assertThat(run.err().lines()).hasSizeLessThanOrEqualTo(3);
    }

    @Test
    void shouldExitWithTwoWhenTheFileIsMissing(@TempDir Path folder) {
        CommandLineRun run = CommandLineRun.of(
                "check", "--config", folder.resolve("none.yaml").toString());

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err().lines()).singleElement().asString().contains("none.yaml", "no such file");
    }

    @Test
    void shouldDescribeACommandWhenAskedForHelpAboutIt() {
        CommandLineRun asked = CommandLineRun.of("help", "run");

        assertThat(asked.exitCode()).isZero();
        assertThat(asked.out())
                .isEqualTo(CommandLineRun.of("run", "--help").out())
                .contains("Run the dataplane");
        assertThat(CommandLineRun.of("help").out())
                .isEqualTo(CommandLineRun.of("--help").out());
        assertThat(CommandLineRun.of("help", "rnu").exitCode()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--help",
                "help",
                "help help",
                "check --help",
                "doctor --help",
                "qemu --help",
                "run --help",
                "--version"
            })
    void shouldPrintPlainTextWhenAskedForHelp(String line) {
        CommandLineRun run = CommandLineRun.of(line.split(" "));

        assertThat(run.exitCode()).isZero();
        assertThat(run.err()).isEmpty();
        assertThat(run.out()).contains("ingfence").doesNotContain("\u001b");
        assertThat(run.out().lines()).allSatisfy(text -> assertThat(text).hasSizeLessThanOrEqualTo(100));
    }
}

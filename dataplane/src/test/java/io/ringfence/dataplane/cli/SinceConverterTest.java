package io.ringfence.dataplane.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class SinceConverterTest {
    private final SinceConverter converter =
            new SinceConverter(Clock.fixed(Instant.parse("2026-11-22T10:00:00Z"), ZoneOffset.UTC));

    @ParameterizedTest
    @CsvSource({
        "90s, 2026-11-22T09:58:30Z",
        "10m, 2026-11-22T09:50:00Z",
        "2h, 2026-11-22T08:00:00Z",
        "3d, 2026-11-19T10:00:00Z",
        "0s, 2026-11-22T10:00:00Z",
        "2026-11-20T12:00:00Z, 2026-11-20T12:00:00Z",
        "2026-11-20T12:00:00.5+02:00, 2026-11-20T10:00:00.5Z",
        "2026-11-20T12:00, 2026-11-20T12:00:00Z",
        "2026-11-20, 2026-11-20T00:00:00Z"
    })
    void shouldUnderstandDurationsAndTimes(String text, Instant expected) {
        assertThat(converter.convert(text)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "10", "10 m", "-5m", "m", "10min", "yesterday", "2026-13-01", "9999999999s"})
    void shouldSayWhatIsExpectedWhenItIsNeither(String text) {
        assertThatThrownBy(() -> converter.convert(text))
                .isInstanceOf(TypeConversionException.class)
                .hasMessageContaining("`" + text + "`")
                .hasMessageContaining("`10m`");
    }

    @Test
    void shouldBeNamedInTheMessageOfTheCommand() {
        CommandLineRun run = CommandLineRun.of("history", "--journal", "/nowhere", "--since", "soon");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("--since", "`soon`", "`10m`");
    }
}

package io.ringfence.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import picocli.CommandLine;

/** What a command does with an option whose value makes no sense. */
public final class BadCommandLine {
    private BadCommandLine() {}

    /** Asserts that it ends with exit code 2 and a message that names the option and says what was expected. */
    public static void shouldBeRefused(Object command, String option) {
        StringWriter errors = new StringWriter();
        assertThat(new CommandLine(command).setErr(new PrintWriter(errors)).execute(option))
                .isEqualTo(2);
        assertThat(errors.toString()).contains(option.replaceAll("=.*", ""), "expected");
    }
}

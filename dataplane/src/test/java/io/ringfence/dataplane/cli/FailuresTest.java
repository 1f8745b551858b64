package io.ringfence.dataplane.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.dataplane.cli.output.ExitCode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.NoSuchFileException;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;

class FailuresTest {
    @Command(name = "failing")
    private record Failing(Exception failure) implements Callable<Integer> {
        @Override
        public Integer call() throws Exception {
            throw failure;
        }
    }

    private static String printed(Exception failure, int exitCode) {
        Failures failures = new Failures(() -> false);
        StringWriter err = new StringWriter();
        CommandLine command = new CommandLine(new Failing(failure))
                .setErr(new PrintWriter(err, true))
                .setExecutionExceptionHandler(failures);

        assertThat(command.execute()).isEqualTo(exitCode);
        return err.toString();
    }

    @Test
    void shouldShowTheStackTraceWhenNobodyExpectedTheFailure() {
        assertThat(printed(new IllegalStateException("used twice"), ExitCode.FAILED))
                .contains("used twice")
                .contains("at " + FailuresTest.class.getName());
    }

    @Test
    void shouldSayInOneLineWhatFailedWhenThatIsToBeExpected() {
        IOException missing = new NoSuchFileException("/nowhere");

        assertThat(printed(missing, ExitCode.FAILED).strip())
                .isEqualTo("ringfence: java.nio.file.NoSuchFileException: /nowhere");
    }
}

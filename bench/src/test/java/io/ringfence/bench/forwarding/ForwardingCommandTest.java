package io.ringfence.bench.forwarding;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

final class ForwardingCommandTest {
    @ParameterizedTest
    @ValueSource(strings = {"--rounds=0", "--seconds=601", "--lengths=64,59", "--lengths=1519", "--systems=vpp"})
    void shouldRefuseABadCommandLine(String option) {
        StringWriter errors = new StringWriter();
        assertThat(new CommandLine(new ForwardingCommand())
                        .setErr(new PrintWriter(errors))
                        .execute(option))
                .isEqualTo(2);
        assertThat(errors.toString()).contains(option.replaceAll("=.*", ""), "expected");
    }
}

package io.ringfence.bench.forwarding;

import io.ringfence.bench.BadCommandLine;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ForwardingCommandTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "--rings=round",
                "--rounds=0",
                "--seconds=0.01",
                "--seconds=601",
                "--lengths=59",
                "--lengths=64,59",
                "--lengths=1519",
                "--lengths=64,64",
                "--lengths=tso,64,tso",
                "--systems=none",
                "--systems=vpp"
            })
    void shouldRefuseABadCommandLine(String option) {
        BadCommandLine.shouldBeRefused(new ForwardingCommand(), option);
    }
}

package io.ringfence.bench.options;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.ringfence.scheduler.OnlineCpus;
import io.ringfence.scheduler.linux.CpuList;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParameterException;

final class CpuOptionTest {
    @Command
    private static final class WithCpu {
        @Mixin
        private final CpuOption option = new CpuOption();
    }

    @Test
    void shouldTakeTheLastCpuWhenNoneIsNamed() {
        assertThat(parse().cpu()).isEqualTo(OnlineCpus.last());
    }

    @Test
    void shouldTakeTheCpuThatIsNamedWhenItIsOnline() {
        int first = OnlineCpus.read().nextSetBit(0);
        assertThat(parse("--cpu=" + first).cpu()).isEqualTo(first);
    }

    @Test
    void shouldSayWhichCpusThereAreWhenTheOneNamedIsNotOnline() {
        CpuOption option = parse("--cpu", "4000");
        assertThatExceptionOfType(ParameterException.class)
                .isThrownBy(option::cpu)
                .withMessage(
                        "--cpu 4000: expected one of the CPUs that are online, " + CpuList.format(OnlineCpus.read()));
    }

    private static CpuOption parse(String... arguments) {
        WithCpu command = new WithCpu();
        new CommandLine(command).parseArgs(arguments);
        return command.option;
    }
}

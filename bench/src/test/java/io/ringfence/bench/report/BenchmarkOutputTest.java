package io.ringfence.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.bench.BadCommandLine;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
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

    @ParameterizedTest
    @ValueSource(strings = {"--json=/nowhere/result.json", "--html=/nowhere/report.html", "--json=/", "--html=/"})
    void shouldMeasureNothingWhenAFileCannotBeWritten(String option) {
        Benchmark benchmark = new Benchmark();
        BadCommandLine.shouldBeRefused(benchmark, option);
        assertThat(benchmark.hasMeasured).isFalse();
    }

    @Test
    void shouldMeasureWhenNoFileIsAskedFor() {
        Benchmark benchmark = new Benchmark();
        assertThat(new CommandLine(benchmark).execute()).isZero();
        assertThat(benchmark.hasMeasured).isTrue();
    }
}

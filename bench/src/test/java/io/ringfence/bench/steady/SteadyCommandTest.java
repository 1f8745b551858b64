package io.ringfence.bench.steady;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.bench.BadCommandLine;
import io.ringfence.bench.LaunchedCommand;
import io.ringfence.bench.traffic.Json;
import io.ringfence.scheduler.OnlineCpus;
import io.ringfence.testing.Requirement;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The benchmark as a user runs it, short, on the rung that every host gives. */
@Timeout(value = 180, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class SteadyCommandTest {
    private static final int FIRST_TIMES = 12;

    @TempDir
    private Path folder;

    @Test
    void shouldFindThatWorkersNeitherAllocateNorAreDeoptimised() throws Exception {
        Requirement.of(OnlineCpus.last() > 0, "needs two CPUs");
        Path json = folder.resolve("result.json");
        LaunchedCommand command = LaunchedCommand.run(
                folder,
                "bench",
                "steady",
                "--passes=1",
                "--seconds=0.2",
                "--warm-up=15",
                "--scheduling=other",
                "--json=" + json);
        assertThat(json).as(command.output()).exists();
        SteadyResult result = Json.MAPPER.readValue(Files.readString(json), SteadyResult.class);
        assertThat(result.carried()).extracting(SteadyResult.Carried::load).containsExactly(Load.values());
        assertThat(result.observation().workerBytes())
                .hasSize(Guest.all().size())
                .allSatisfy((worker, bytes) -> assertThat(bytes)
                        .as("%s:%n%s", worker, command.output())
                        .isZero());
        // After so short a warm-up rare branches may be taken for the first time, each of which deoptimises once to
        // four times.
        assertThat(result.observation().offences().stream()
                        .mapToLong(Offence::count)
                        .sum())
                .as(command.output())
                .isLessThanOrEqualTo(FIRST_TIMES);
        if (result.observation().offences().isEmpty()) {
            assertThat(command.exitCode()).as(command.output()).isZero();
            assertThat(command.output()).contains("met: not a byte").doesNotContain("MISSED");
        } else {
            assertThat(command.exitCode()).as(command.output()).isOne();
            assertThat(command.output()).contains("MISSED: worker-").doesNotContain("met: ");
        }
        try (DirectoryStream<Path> left = Files.newDirectoryStream(folder, "ringfence*")) {
            assertThat(left).as("sockets and recordings").isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"--passes=0", "--seconds=0.01", "--warm-up=-1", "--scheduling=best"})
    void shouldRefuseABadCommandLine(String option) {
        BadCommandLine.shouldBeRefused(new SteadyCommand(), option);
    }
}

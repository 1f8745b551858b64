package io.ringfence.dataplane.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.ringfence.testing.Await;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class RunningCommandTest {
    @TempDir
    private Path folder;

    @Test
    void shouldKillTheProcessAndTellWhatItSaidWhenItDoesNotEnd() throws Exception {
        Path begun = folder.resolve("begun");
        try (RunningCommand run = RunningCommand.start(
                folder, "sh", "-c", "echo ready, not refused >&2; touch \"$0\"; exec sleep 1000", begun.toString())) {
            Await.until("it has begun", () -> Files.exists(begun));
            assertThatExceptionOfType(AssertionError.class)
                    .isThrownBy(() -> run.errors(Duration.ofMillis(100)))
                    .withMessageContaining("did not end within PT0.1S and was killed")
                    .withMessageContaining("ready, not refused");
            assertThat(run.exitCode()).isEqualTo(128 + 9);
        }
    }
}

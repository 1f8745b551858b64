package io.ringfence.dataplane.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.dataplane.warmup.WarmUp;
import io.ringfence.testing.Await;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@RequiresDataplaneCpu
@Timeout(120)
class WarmUpTest {
    private static final Duration STOP_LIMIT = Duration.ofSeconds(2);
    private static final long LONG_MILLIS = 60_000;

    @Test
    void shouldEndLongBeforeTheLimitWhenTheCompilerHasCaughtUp() {
        long startNanos = System.nanoTime();

        long frames = WarmUp.run(LONG_MILLIS, () -> false);

        assertThat(frames).isPositive();
        assertThat(Duration.ofNanos(System.nanoTime() - startNanos)).isLessThan(Duration.ofMillis(LONG_MILLIS / 2));
    }

    @Test
    void shouldEndInTimeWhenRingfenceIsTerminatedMeanwhile(@TempDir Path folder) throws Exception {
        Path configuration = Files.writeString(folder.resolve("ringfence.yaml"), """
                host: { cpus: [1], scheduling: other }
                networks: [ { name: blue } ]
                vms: [ { name: alice, socket: %s/alice.sock, network: blue, reservation: { runtime: 200us, period: 1ms } } ]
                """.formatted(folder));
        try (RunningCommand run = RunningCommand.start(List.of(), List.of(), configuration)) {
            Await.until("it warms up", () -> {
                assertThat(run.isAlive()).isTrue();
                return run.thread("ringfence-rival").isPresent();
            });
            long startNanos = System.nanoTime();

            run.stop();

            assertThat(Duration.ofNanos(System.nanoTime() - startNanos)).isLessThan(STOP_LIMIT);
        }
    }

    @Test
    void shouldEndAtOnceWhenAsked() {
        AtomicInteger asked = new AtomicInteger();

        WarmUp.run(LONG_MILLIS, () -> asked.incrementAndGet() > 3);

        // Once by each of its two loops.
        assertThat(asked).hasValue(5);
    }
}

package io.ringfence.bench.isolation;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.scheduler.OnlineCpus;
import io.ringfence.testing.Await;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

final class HogsTest {
    private static List<String> running() {
        return ProcessHandle.current()
                .descendants()
                .map(process -> process.info().commandLine().orElse(""))
                .filter(line -> line.contains("while :"))
                .toList();
    }

    @Test
    void shouldBeBusyUntilTheyAreClosed() throws IOException {
        try (Hogs hogs = Hogs.start(OnlineCpus.last(), 1)) {
            assertThat(running()).isNotEmpty();
            assertThat(hogs.outcome().failures()).isEmpty();
        }
        assertThat(running()).isEmpty();
    }

    @Test
    void shouldSayHowManyWereNotLetOntoTheCpu() {
        // No host has this one, so taskset fails.
        try (Hogs hogs = Hogs.start(8191, 1)) {
            Await.until(
                    "none got onto the CPU",
                    () -> !hogs.outcome().failures().isEmpty()
                            && hogs.outcome().failures().getFirst().startsWith("3 of 3"));
        }
    }

    @Test
    void shouldPutGarbageIntoRingfenceOnly() {
        assertThat(Variant.SHARED.launch().with(Aggressor.GARBAGE))
                .isEqualTo(new Launch.Ringfence("other", SpareCpu.POLLED, "", "shared-thread,garbage,safepoints"));
        assertThat(Variant.DEADLINE.launch().with(Aggressor.GARBAGE))
                .isEqualTo(new Launch.Ringfence("deadline", SpareCpu.POLLED, "", "garbage,safepoints"));
        assertThat(Variant.OVS.launch().allows(Aggressor.GARBAGE)).isFalse();
        assertThat(Variant.OVS.launch().allows(Aggressor.HOGS)).isTrue();
    }
}

package io.ringfence.scheduler.linux;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.scheduler.linux.DeadlineServers.Server;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeadlineServersTest {
    @TempDir
    private Path debug;

    @Test
    void shouldReadAllServersOfACpu() throws IOException {
        Files.writeString(debug.resolve("features"), "NO_HRTICK_DL\n");
        server("fair_server/cpu1", "50000000", "1000000000");
        server("ext_server/cpu1", "20000000", "500000000");
        server("fair_server/cpu0", "0", "1000000000");

        assertThat(DeadlineServers.of(1, debug))
                .hasValueSatisfying(servers -> assertThat(servers)
                        .containsExactly(new Server(50_000_000, 1_000_000_000), new Server(20_000_000, 500_000_000)));
        assertThat(DeadlineServers.of(0, debug))
                .as("switched off")
                .hasValueSatisfying(servers -> assertThat(servers).containsExactly(new Server(0, 1_000_000_000)));
    }

    @Test
    void shouldKnowThatAnOldKernelHasNone() throws IOException {
        Files.writeString(debug.resolve("features"), "\n");

        assertThat(DeadlineServers.of(1, debug))
                .hasValueSatisfying(servers -> assertThat(servers).isEmpty());
    }

    @Test
    void shouldSayThatNothingIsKnownWithoutDebugfs() throws IOException {
        assertThat(DeadlineServers.of(1, debug)).isEmpty();

        Files.writeString(debug.resolve("features"), "\n");
        server("fair_server/cpu1", "many", "1000000000");
        assertThat(DeadlineServers.of(1, debug)).as("not a number").isEmpty();
    }

    @Test
    void shouldAssumeAFairServerFromTheVersionOnThatBroughtIt() {
        assertThat(DeadlineServers.defaults("6.11.9-generic\n")).isEmpty();
        assertThat(DeadlineServers.defaults("5.15.0")).isEmpty();
        assertThat(DeadlineServers.defaults("6.12.0")).containsExactly(new Server(50_000_000, 1_000_000_000));
        assertThat(DeadlineServers.defaults("7.1.0-rc1")).hasSize(1);
        assertThat(DeadlineServers.defaults("unheard of")).as("rather too much").hasSize(1);
    }

    private void server(String name, String runtime, String period) throws IOException {
        Path folder = Files.createDirectories(debug.resolve(name));
        Files.writeString(folder.resolve("runtime"), runtime + "\n");
        Files.writeString(folder.resolve("period"), period + "\n");
    }
}

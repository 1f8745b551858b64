package io.ringfence.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.bench.LaunchedCommand;
import io.ringfence.bench.peer.Peer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The benchmark as a user runs it, as short as it can be. */
@RequiresPeers({Peer.TESTPMD, Peer.LINUX_BRIDGE})
@Timeout(value = 180, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ForwardingIT {
    @TempDir
    private Path folder;

    @Test
    void shouldCompareSystemsAndWriteReports() throws Exception {
        Path json = folder.resolve("result.json");
        Path html = folder.resolve("report.html");
        LaunchedCommand command = LaunchedCommand.byLauncher(
                folder,
                LaunchedCommand.SOON_READY,
                "bench",
                "forwarding",
                "--rounds",
                "1",
                "--seconds",
                "0.2",
                "--lengths",
                "64",
                "--systems",
                "ringfence,dpdk,bridge,floor",
                "--json",
                json.toString(),
                "--html",
                html.toString());
        assertThat(command.exitCode()).as(command.output()).isZero();
        assertThat(command.output())
                .contains(
                        "Frames of 64 bytes",
                        "Ringfence to DPDK vhost PMD",
                        "Ringfence to Linux bridge",
                        "Ringfence to Floor, no switch")
                .containsPattern("two ways, closed loop of testpmd +\\d+\\.\\d+ +1.1, ");
        assertThat(Files.readString(json)).contains("\"framesPerSecond\"");
        assertThat(Files.readString(html)).contains("uPlot", "Ringfence: forwarding");
    }

    @Test
    void shouldSayWhichProgramRefusesAnOptionThatThereIsNot() throws Exception {
        LaunchedCommand command = LaunchedCommand.byLauncher(folder, "bench", "forwarding", "--length=64");
        assertThat(command.exitCode()).as(command.output()).isEqualTo(2);
        assertThat(command.output()).contains("ringfence: ", "--length=64");
    }
}

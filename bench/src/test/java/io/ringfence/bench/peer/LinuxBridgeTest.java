package io.ringfence.bench.peer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class LinuxBridgeTest {
    @Test
    void shouldKeepItsNetworkToItselfAndListenOnEachSocket() {
        List<String> command = LinuxBridge.command(1, List.of(Path.of("/s/a.sock"), Path.of("/s/b.sock")), 1504);

        assertThat(command).startsWith("unshare", "--net");
        assertThat(String.join(" ", command)).endsWith(".BridgeMain 1 1504 /s/a.sock /s/b.sock");
    }
}

package io.ringfence.dataplane.warmup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.ringfence.vhostuser.frontend.QueueOptions;
import io.ringfence.vhostuser.protocol.Features;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class SyntheticGuestTest {
    private static final QueueOptions CALLED = QueueOptions.ofSize(256);

    @Test
    void shouldLeaveNoMemoryBehindWhenItCannotBeBuilt() throws IOException {
        long before = memories();
        assertThatThrownBy(() -> new SyntheticGuest(CALLED, CALLED.withPolling(), Features.VERSION_1))
                .hasMessageContaining("must not be polled");
        assertThat(memories()).isEqualTo(before);
        new SyntheticGuest(CALLED, CALLED, Features.VERSION_1).close();
        assertThat(memories()).isEqualTo(before);
    }

    /** How many descriptors of guests' memory this process has. */
    private static long memories() throws IOException {
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            return descriptors.filter(SyntheticGuestTest::isMemory).count();
        }
    }

    private static boolean isMemory(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString().contains("memfd:ringfence-guest");
        } catch (IOException e) {
            return false; // that of the list itself
        }
    }
}

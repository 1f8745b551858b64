package io.ringfence.vhostuser.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.vhostuser.backend.RedoLogFolder;
import io.ringfence.vhostuser.frontend.SharedMemory;
import io.ringfence.vhostuser.virtqueue.RedoLog;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import javax.management.JMException;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a session unmaps must not halt the threads of others: the JVM's own log tells whom it halts, and for what. */
class UnmappingTest {
    private static final long LENGTH_BYTES = 1 << 20;
    /** The handshake by which the JVM closes a shared arena. */
    private static final String CLOSES_ARENA = "CloseScopedMemory";

    @TempDir
    private Path folder;

    private String handshakesDuring(Runnable action) throws IOException, JMException {
        Path file = folder.resolve("handshakes.log");
        command("what=handshake=info", "output=" + file);
        try {
            action.run();
        } finally {
            command("what=all=off", "output=" + file);
        }
        return Files.readString(file);
    }

    private static void command(String... arguments) throws JMException {
        ManagementFactory.getPlatformMBeanServer()
                .invoke(
                        new ObjectName("com.sun.management:type=DiagnosticCommand"),
                        "vmLog",
                        new Object[] {arguments},
                        new String[] {String[].class.getName()});
    }

    @Test
    void shouldBeToldInTheLogWhenAnArenaIsClosed() throws Exception {
        Arena arena = Arena.ofShared();

        assertThat(handshakesDuring(arena::close)).contains(CLOSES_ARENA);
    }

    @Test
    void shouldHaltNoThreadWhenARegionIsClosed() throws Exception {
        try (SharedMemory memory = SharedMemory.create(LENGTH_BYTES)) {
            MemoryRegion region = MemoryRegion.map(memory.duplicateFd(), 0, LENGTH_BYTES, 0, 0);

            assertThat(handshakesDuring(region::close)).doesNotContain(CLOSES_ARENA);
            assertThat(region.isClosed()).isTrue();
        }
    }

    @Test
    void shouldHaltNoThreadWhenARedoLogIsClosed() throws Exception {
        RedoLogFolder logs = new RedoLogFolder(folder.resolve("logs"), "vm", problem -> {});
        RedoLog log = Objects.requireNonNull(logs.open(0, 256));

        assertThat(handshakesDuring(log::close)).doesNotContain(CLOSES_ARENA);
    }
}

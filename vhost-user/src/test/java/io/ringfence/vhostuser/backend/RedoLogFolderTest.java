package io.ringfence.vhostuser.backend;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.vhostuser.virtqueue.RedoLog;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RedoLogFolderTest {
    @TempDir
    private Path folder;

    private final List<String> problems = new ArrayList<>();

    @Test
    void shouldGiveEachQueueAFileOfItsOwnAndOfItsSize() throws Exception {
        RedoLogFolder logs = new RedoLogFolder(folder.resolve("logs"), "alice", problems::add);

        assertThat(logs.open(0, 256)).isNotNull();
        assertThat(logs.open(1, 1000)).isNotNull();
        assertThat(logs.open(1, 8)).isNotNull();

        assertThat(problems).isEmpty();
        assertThat(Files.size(folder.resolve("logs/alice.0"))).isEqualTo(RedoLog.lengthBytes(256));
        assertThat(Files.size(folder.resolve("logs/alice.1"))).isEqualTo(RedoLog.lengthBytes(8));
    }

    @Test
    void shouldKeepEverybodyElseFromLogsAndTheirFolder() throws Exception {
        new RedoLogFolder(folder.resolve("logs"), "alice", problems::add).open(1, 256);

        assertThat(Files.getPosixFilePermissions(folder.resolve("logs")))
                .isEqualTo(PosixFilePermissions.fromString("rwx------"));
        assertThat(Files.getPosixFilePermissions(folder.resolve("logs").resolve("alice.1")))
                .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    }

    @Test
    void shouldSayWhyAndGoOnWithoutLogWhenFolderCannotBeUsed() throws Exception {
        Path file = Files.createFile(folder.resolve("taken"));

        assertThat(new RedoLogFolder(file, "alice", problems::add).open(3, 8)).isNull();

        assertThat(problems).singleElement().asString().contains("packed queue 3", file.toString());
    }
}

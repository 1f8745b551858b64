package io.ringfence.vhostuser.backend;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.vhostuser.virtqueue.RedoLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
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
    void shouldRemoveALogAndMakeAnotherWhenAskedAgain() {
        RedoLogFolder logs = new RedoLogFolder(folder, "alice", problems::add);
        Objects.requireNonNull(logs.open(0, 8)).close();

        logs.remove(0);
        logs.remove(1);

        assertThat(folder).isEmptyDirectory();
        assertThat(logs.open(0, 8)).isNotNull();
        assertThat(problems).isEmpty();
    }

    @Test
    void shouldUnmapALogWhenItIsClosed() throws Exception {
        RedoLog log = new RedoLogFolder(folder, "alice", problems::add).open(0, 8);
        assertThat(mapped("alice.0")).isTrue();

        Objects.requireNonNull(log).close();

        assertThat(mapped("alice.0")).isFalse();
    }

    private boolean mapped(String file) throws IOException {
        return Files.readString(Path.of("/proc/self/maps"))
                .contains(folder.resolve(file).toString());
    }

    @Test
    void shouldSayWhyAndGoOnWithoutLogWhenFolderCannotBeUsed() throws Exception {
        Path file = Files.createFile(folder.resolve("taken"));

        assertThat(new RedoLogFolder(file, "alice", problems::add).open(3, 8)).isNull();

        assertThat(problems).singleElement().asString().contains("packed queue 3", file.toString());
    }
}

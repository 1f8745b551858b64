package io.ringfence.dataplane.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CountersTest {
    @TempDir
    private Path folder;

    @Test
    void shouldBeReadByTheOwnerOnly() throws Exception {
        Path file = folder.resolve("run").resolve("counters");
        try (Counters counters = Counters.create(file, 1)) {
            counters.register("alice")
                    .counts()
                    .get(Counter.TRANSMITTED_FRAMES.index())
                    .increment();

            assertThat(Files.getPosixFilePermissions(file)).isEqualTo(PosixFilePermissions.fromString("rw-------"));
            assertThat(Counters.read(file)).containsEntry("alice/tx-frames", 1L);
        }
        assertThat(file).doesNotExist();
    }

    @Test
    void shouldReplaceAFileThatAnEarlierRunLeftOpenToOthers() throws Exception {
        Path file = Files.createFile(folder.resolve("counters"));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-rw-"));
        try (Counters counters = Counters.create(file, 1)) {
            assertThat(Files.getPosixFilePermissions(counters.file()))
                    .isEqualTo(PosixFilePermissions.fromString("rw-------"));
        }
    }
}

package io.ringfence.bench.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class PrivateFolderTest {
    @Test
    void shouldRemoveItsFilesAndFoldersButNothingBehindLinks() throws Exception {
        Path elsewhere = Files.createTempDirectory("elsewhere");
        Files.createFile(elsewhere.resolve("kept"));
        PrivateFolder folder = PrivateFolder.create();
        Files.createFile(
                Files.createDirectory(folder.path().resolve("packed-queues")).resolve("alice"));
        Files.createSymbolicLink(folder.path().resolve("link"), elsewhere);

        folder.close();

        assertThat(folder.path()).doesNotExist();
        assertThat(elsewhere.resolve("kept")).exists();
        Files.delete(elsewhere.resolve("kept"));
        Files.delete(elsewhere);
    }
}

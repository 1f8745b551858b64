package io.ringfence.bench.terminal;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** A temporary folder that only this user may enter, removed with the files in it. */
public record PrivateFolder(Path path) implements AutoCloseable {
    /** Creates one below the folder for temporary files. */
    public static PrivateFolder create() throws IOException {
        return new PrivateFolder(Files.createTempDirectory("ringfence"));
    }

    @Override
    public void close() throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(path)) {
            for (Path file : files) {
                Files.deleteIfExists(file);
            }
        }
        Files.deleteIfExists(path);
    }
}

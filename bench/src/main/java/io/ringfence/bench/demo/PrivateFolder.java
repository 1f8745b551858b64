package io.ringfence.bench.demo;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** A temporary folder that only this user may enter, removed with the files in it. */
record PrivateFolder(Path path) implements AutoCloseable {
    static PrivateFolder create() throws IOException {
        return new PrivateFolder(Files.createTempDirectory("ringfence-demo"));
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

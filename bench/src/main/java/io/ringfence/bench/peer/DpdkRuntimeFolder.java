package io.ringfence.bench.peer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What a DPDK process running as root keeps below {@code /var/run/dpdk}, under a prefix of its own ({@code
 * --file-prefix}); DPDK leaves it behind.
 */
record DpdkRuntimeFolder(String prefix) {
    private static final AtomicInteger INSTANCES = new AtomicInteger();

    /** One that no other process uses. */
    static DpdkRuntimeFolder create() {
        return new DpdkRuntimeFolder("rf%d-%d".formatted(ProcessHandle.current().pid(), INSTANCES.incrementAndGet()));
    }

    Path path() {
        return Path.of("/var/run/dpdk", prefix);
    }

    /** Removes it, once the process has ended; at the end of the JVM two threads may come to do so. */
    void delete() {
        if (!Files.isDirectory(path())) {
            return;
        }
        try (var files = Files.list(path())) {
            for (Path file : files.toList()) {
                Files.deleteIfExists(file);
            }
            Files.deleteIfExists(path());
        } catch (NoSuchFileException e) {
            // The other one was faster.
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

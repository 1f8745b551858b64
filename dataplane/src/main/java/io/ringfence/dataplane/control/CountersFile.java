package io.ringfence.dataplane.control;

import io.ringfence.dataplane.telemetry.Counters;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where the counters of a process are: {@code counters-PID} in the run directory.
 *
 * <p>The run directory is {@code /run/ringfence}, or what the system property {@code ringfence.run.directory} names.
 */
public final class CountersFile {
    private static final String PREFIX = "counters-";

    private CountersFile() {}

    /** The file of a process. */
    public static Path of(long pid) {
        return of(runDirectory(), pid);
    }

    /** The file of a process with this run directory. */
    public static Path of(Path runDirectory, long pid) {
        return runDirectory.resolve(PREFIX + pid);
    }

    static Path runDirectory() {
        return Path.of(System.getProperty("ringfence.run.directory", "/run/ringfence"));
    }

    /**
     * Creates the file of this process, and removes those of processes that are gone.
     *
     * @param workers how many it is to have room for
     * @throws RunDirectoryException if the run directory cannot be written to
     */
    static Counters create(int workers) {
        try {
            removeStale();
            return Counters.create(of(ProcessHandle.current().pid()), workers);
        } catch (IOException e) {
            throw new RunDirectoryException(runDirectory(), e);
        }
    }

    /** Removes the files of processes that have ended without doing so. */
    private static void removeStale() throws IOException {
        if (!Files.isDirectory(runDirectory())) {
            return;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(runDirectory(), PREFIX + "*")) {
            for (Path file : files) {
                String pid = file.getFileName().toString().substring(PREFIX.length());
                if (pid.matches("\\d{1,10}")
                        && ProcessHandle.of(Long.parseLong(pid)).isEmpty()) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }
}

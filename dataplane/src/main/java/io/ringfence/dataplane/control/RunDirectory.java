package io.ringfence.dataplane.control;

import io.ringfence.dataplane.telemetry.Counters;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where a running Ringfence has its files: the counters of each process, and the redo logs of packed queues.
 *
 * <p>It is {@code /run/ringfence}, or what the system property {@code ringfence.run.directory} names.
 */
public final class RunDirectory {
    private static final String COUNTERS = "counters-";

    private RunDirectory() {}

    /** The counters file of a process. */
    public static Path counters(long pid) {
        return counters(path(), pid);
    }

    /** The counters file of a process with this run directory. */
    public static Path counters(Path runDirectory, long pid) {
        return runDirectory.resolve(COUNTERS + pid);
    }

    /** Where redo logs of packed queues are: a later process finds those of an earlier one. */
    static Path redoLogs() {
        return path().resolve("packed-queues");
    }

    private static Path path() {
        return Path.of(System.getProperty("ringfence.run.directory", "/run/ringfence"));
    }

    /**
     * Creates the counters file of this process, and removes those of processes that are gone.
     *
     * @param workers how many it is to have room for
     * @throws RunDirectoryException if the run directory cannot be written to
     */
    static Counters createCounters(int workers) {
        try {
            removeStale();
            return Counters.create(counters(ProcessHandle.current().pid()), workers);
        } catch (IOException e) {
            throw new RunDirectoryException(path(), e);
        }
    }

    /** Removes the counters of processes that have ended without doing so. */
    private static void removeStale() throws IOException {
        if (!Files.isDirectory(path())) {
            return;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(path(), COUNTERS + "*")) {
            for (Path file : files) {
                String pid = file.getFileName().toString().substring(COUNTERS.length());
                if (pid.matches("\\d{1,10}")
                        && ProcessHandle.of(Long.parseLong(pid)).isEmpty()) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }
}

package io.ringfence.scheduler;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What the kernel has counted for a thread ({@code /proc/self/task/TID/schedstat}); the cheapest view of a throttled
 * thread that every kernel has.
 *
 * @param cpuNanos time on a CPU
 * @param waitNanos time runnable but not running, throttling included
 * @param timeslices how often it was given a CPU
 */
public record ThreadStatistics(long cpuNanos, long waitNanos, long timeslices) {
    private static final int MAX_LENGTH = 64;

    /** Reads the counters of a thread of this process; empty if it has ended. */
    public static Optional<ThreadStatistics> read(int threadId) {
        try (InputStream file = Files.newInputStream(Path.of("/proc/self/task/" + threadId + "/schedstat"))) {
            // Three numbers: Files.readString would allocate 8 KiB more for them, each second and worker.
            String[] fields = new String(file.readNBytes(MAX_LENGTH), StandardCharsets.US_ASCII)
                    .strip()
                    .split(" ", -1);
            return Optional.of(new ThreadStatistics(
                    Long.parseLong(fields[0]), Long.parseLong(fields[1]), Long.parseLong(fields[2])));
        } catch (IOException gone) {
            return Optional.empty();
        }
    }
}

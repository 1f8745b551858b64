package io.ringfence.bench.demo;

import io.ringfence.scheduler.SchedulingAttributes;
import io.ringfence.scheduler.SchedulingAttributes.Policy;
import io.ringfence.scheduler.ThreadScheduling;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * How the kernel runs a thread of this process: not what was asked for, but what it says.
 *
 * @param cpus the CPUs that the thread may run on, as the kernel lists them
 */
record WorkerThread(String name, String cpus, SchedulingAttributes scheduling) {
    private static final String CPUS_KEY = "Cpus_allowed_list:";

    /**
     * Finds a thread of this process.
     *
     * @throws IOException if there is none of that name
     */
    static WorkerThread named(String name) throws IOException {
        try (DirectoryStream<Path> threads = Files.newDirectoryStream(Path.of("/proc/self/task"))) {
            for (Path thread : threads) {
                if (Files.readString(thread.resolve("comm")).strip().equals(name)) {
                    int threadId = Integer.parseInt(thread.getFileName().toString());
                    return new WorkerThread(name, cpus(thread), ThreadScheduling.read(threadId));
                }
            }
        }
        throw new IOException("this process has no thread " + name);
    }

    private static String cpus(Path thread) throws IOException {
        return Files.readAllLines(thread.resolve("status")).stream()
                .filter(line -> line.startsWith(CPUS_KEY))
                .map(line -> line.substring(CPUS_KEY.length()).strip())
                .findFirst()
                .orElse("unknown");
    }

    /** Whether the kernel enforces a reservation. */
    boolean isReserved() {
        return scheduling.policy() == Policy.DEADLINE;
    }

    /** For example {@code CPU 1, SCHED_DEADLINE, 150 us of every 500 us}. */
    String describe() {
        String where = "CPU " + cpus + ", SCHED_" + scheduling.policy();
        return isReserved()
                ? where
                        + ", %,d us of every %,d us"
                                .formatted(scheduling.runtimeNanos() / 1_000, scheduling.periodNanos() / 1_000)
                : where + ", no reservation";
    }
}

package io.ringfence.bench.demo;

import io.ringfence.scheduler.SchedulingAttributes;
import io.ringfence.scheduler.SchedulingAttributes.Policy;
import io.ringfence.scheduler.ThreadScheduling;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * How the kernel runs the worker of a VM: not what was asked for, but what it says.
 *
 * @param cpus the CPUs that the thread may run on, as the kernel lists them
 */
record WorkerThread(String vm, String cpus, SchedulingAttributes scheduling) {
    private static final String CPUS_KEY = "Cpus_allowed_list:";

    /**
     * Finds the worker among the threads of this process.
     *
     * @throws IOException if there is none
     */
    static WorkerThread of(String vm) throws IOException {
        try (DirectoryStream<Path> threads = Files.newDirectoryStream(Path.of("/proc/self/task"))) {
            for (Path thread : threads) {
                if (Files.readString(thread.resolve("comm")).strip().equals("worker-" + vm)) {
                    int threadId = Integer.parseInt(thread.getFileName().toString());
                    return new WorkerThread(vm, cpus(thread), ThreadScheduling.read(threadId));
                }
            }
        }
        throw new IOException("this process has no thread worker-" + vm);
    }

    /** The CPUs that the calling thread may run on, and with it all that it starts. */
    static String ownCpus() throws IOException {
        return cpus(Path.of("/proc/thread-self"));
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

    /** For example {@code CPU 1, SCHED_DEADLINE, 300 us of every 1000 us}. */
    String describe() {
        String where = "CPU " + cpus + ", SCHED_" + scheduling.policy();
        return isReserved()
                ? where
                        + ", %,d us of every %,d us"
                                .formatted(scheduling.runtimeNanos() / 1_000, scheduling.periodNanos() / 1_000)
                : where + ", no reservation";
    }
}

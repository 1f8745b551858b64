package io.ringfence.bench.host;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** CPU time of a process, to the nanosecond ({@code /proc/PID/task/TID/schedstat}). */
public final class ProcessCpuTime {
    private ProcessCpuTime() {}

    /**
     * That of all threads which the process has now.
     *
     * @throws UncheckedIOException if there is no such process
     */
    public static long nanos(long pid) {
        return nanos(pid, "");
    }

    /**
     * That of those of its threads whose names begin so.
     *
     * @throws UncheckedIOException if there is no such process
     */
    public static long nanos(long pid, String prefix) {
        return threads(pid, prefix).stream().mapToLong(ProcessCpuTime::ofThread).sum();
    }

    /** The threads of a process whose names begin so, by their folders, which are named like their ids. */
    public static List<Path> threads(long pid, String prefix) {
        try (Stream<Path> tasks = Files.list(Path.of("/proc", Long.toString(pid), "task"))) {
            return tasks.filter(task -> prefix.isEmpty() || name(task).startsWith(prefix))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("threads of process " + pid + " cannot be read", e);
        }
    }

    private static String name(Path task) {
        try {
            return Files.readString(task.resolve("comm"));
        } catch (IOException e) {
            return ""; // the thread has ended meanwhile
        }
    }

    /** The CPU time of one of these; 0 if it has ended. */
    static long ofThread(Path folder) {
        try {
            List<String> words =
                    List.of(Files.readString(folder.resolve("schedstat")).split(" ", -1));
            return Long.parseLong(words.getFirst());
        } catch (IOException e) {
            return 0;
        }
    }
}

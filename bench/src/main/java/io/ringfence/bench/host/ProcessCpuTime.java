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
        try (Stream<Path> tasks = Files.list(Path.of("/proc", Long.toString(pid), "task"))) {
            return tasks.map(task -> task.resolve("schedstat"))
                    .mapToLong(ProcessCpuTime::read)
                    .sum();
        } catch (IOException e) {
            throw new UncheckedIOException("CPU time of process " + pid + " cannot be read", e);
        }
    }

    /**
     * That of those of its threads whose names begin so.
     *
     * @throws UncheckedIOException if there is no such process
     */
    public static long nanos(long pid, String prefix) {
        try (Stream<Path> tasks = Files.list(Path.of("/proc", Long.toString(pid), "task"))) {
            return tasks.filter(task -> name(task).startsWith(prefix))
                    .mapToLong(task -> read(task.resolve("schedstat")))
                    .sum();
        } catch (IOException e) {
            throw new UncheckedIOException("CPU time of process " + pid + " cannot be read", e);
        }
    }

    private static String name(Path task) {
        try {
            return Files.readString(task.resolve("comm"));
        } catch (IOException e) {
            return ""; // the thread has ended meanwhile
        }
    }

    private static long read(Path schedstat) {
        try {
            List<String> words = List.of(Files.readString(schedstat).split(" ", -1));
            return Long.parseLong(words.getFirst());
        } catch (IOException e) {
            return 0; // the thread has ended meanwhile
        }
    }
}

package io.ringfence.dataplane.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.dataplane.telemetry.Counter;
import io.ringfence.dataplane.telemetry.Counters;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** {@code ringfence run} in a process of its own, as a user starts it, perhaps through a program that takes rights away. */
final class RunningCommand implements AutoCloseable {
    /** Less than those of the tests. */
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final Process process;

    private RunningCommand(Process process) {
        this.process = process;
    }

    /**
     * With a short warm-up: for what does not depend on speed.
     *
     * @param prefix a program with its arguments that becomes the command, or nothing
     */
    static RunningCommand start(Path configuration, String... prefix) throws IOException {
        // Nor does it have to wait for C2, which takes most of the compilers' time, or until its heap is touched.
        List<String> soon =
                List.of("-Dringfence.warmup.longest.millis=200", "-XX:TieredStopAtLevel=1", "-XX:-AlwaysPreTouch");
        return start(List.of(prefix), soon, configuration);
    }

    /**
     * As {@link #start(Path, String...)}, with the usual warm-up.
     *
     * @param jvmOptions besides those that every run has
     * @param more arguments of the command
     */
    static RunningCommand start(List<String> prefix, List<String> jvmOptions, Path configuration, String... more)
            throws IOException {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "@" + Path.of(System.getProperty("ringfence.root"), "jvm.options")));
        command.addAll(jvmOptions);
        command.addAll(List.of(
                "-cp",
                System.getProperty("java.class.path"),
                "io.ringfence.dataplane.cli.Ringfence",
                "run",
                "--config",
                configuration.toString()));
        command.addAll(List.of(more));
        return new RunningCommand(new ProcessBuilder(command).start());
    }

    /** The first line of its output; waits for it. */
    String ready() throws Exception {
        CompletableFuture<Boolean> late = killAfter(LIMIT);
        String line = process.inputReader().readLine();
        boolean inTime = late.complete(false);
        assertThat(line)
                .as("in time: %s; nothing but: %s", inTime, line == null ? errors() : "")
                .isNotNull();
        return String.valueOf(line);
    }

    int threadOf(String vm) throws IOException {
        return thread("worker-" + vm).orElseThrow(() -> new AssertionError("no worker of " + vm));
    }

    /** The id of the thread with this name, at most 15 characters; empty if it has none. */
    OptionalInt thread(String name) throws IOException {
        try (DirectoryStream<Path> tasks = Files.newDirectoryStream(Path.of("/proc/" + process.pid() + "/task"))) {
            for (Path task : tasks) {
                if (name(task).equals(name)) {
                    return OptionalInt.of(Integer.parseInt(task.getFileName().toString()));
                }
            }
        }
        return OptionalInt.empty();
    }

    private static String name(Path task) {
        try {
            return Files.readString(task.resolve("comm")).strip();
        } catch (IOException ended) {
            return "";
        }
    }

    Map<String, Long> counters() throws IOException {
        return Counters.read(RunDirectory.counters(process.pid()));
    }

    long count(String vm, Counter counter) throws IOException {
        return counters().getOrDefault(vm + "/" + counter.label(), 0L);
    }

    /** Ends it in an orderly way; returns what it said on standard error. */
    String stop() throws Exception {
        process.toHandle().destroy(); // SIGTERM; the process's own destroy closes its streams too
        String errors = errors();
        assertThat(process.waitFor()).as(errors).isZero();
        return errors;
    }

    boolean isAlive() {
        return process.isAlive();
    }

    int exitCode() throws InterruptedException {
        return process.waitFor();
    }

    /** All of standard error; waits for its end, and kills the process when that does not come. */
    String errors() throws IOException {
        return errors(LIMIT);
    }

    String errors(Duration limit) throws IOException {
        CompletableFuture<Boolean> late = killAfter(limit);
        String errors = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!late.complete(false)) {
            throw new AssertionError(
                    "it did not end within %s and was killed; until then it said:%n%s".formatted(limit, errors));
        }
        return errors;
    }

    /** Kills the process when the result is not completed before: then there is no more to read. */
    private CompletableFuture<Boolean> killAfter(Duration limit) {
        CompletableFuture<Boolean> late =
                new CompletableFuture<Boolean>().completeOnTimeout(true, limit.toMillis(), TimeUnit.MILLISECONDS);
        var ignored = late.thenAccept(kill -> {
            if (kill) {
                process.toHandle().destroyForcibly(); // the process's own would close the streams, too
            }
        });
        return late;
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}

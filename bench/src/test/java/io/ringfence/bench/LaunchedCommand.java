package io.ringfence.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A command of Ringfence that ran in a process of its own, as for a user, and has ended.
 *
 * @param output standard output and standard error together
 */
public record LaunchedCommand(int exitCode, String output) {
    /** To touch its heap takes a JVM a second, and a dataplane four. */
    public static final String UNTOUCHED_HEAP = "-XX:-AlwaysPreTouch";

    /**
     * JVM options for who looks at no figure, of all processes that a benchmark starts: warm-ups are short, and nothing waits for C2,
     * which takes most of the compilers' time, nor for a heap to be touched.
     */
    public static final List<String> SOON_READY = List.of(
            "-Dringfence.warmup.longest.millis=200",
            "-Dringfence.bench.warmup.times=1",
            "-XX:TieredStopAtLevel=1",
            UNTOUCHED_HEAP);

    /**
     * Runs one.
     *
     * @param folder for its temporary files and its output
     */
    public static LaunchedCommand run(Path folder, String... arguments) throws IOException, InterruptedException {
        return run(folder, List.of(), arguments);
    }

    /** The same, with options of its JVM. */
    public static LaunchedCommand run(Path folder, List<String> jvmOptions, String... arguments)
            throws IOException, InterruptedException {
        Path root = Path.of(System.getProperty("ringfence.root"));
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "@" + root.resolve("jvm.options"),
                UNTOUCHED_HEAP,
                "-Djava.io.tmpdir=" + folder));
        command.addAll(jvmOptions);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), "io.ringfence.dataplane.cli.Ringfence"));
        command.addAll(List.of(arguments));
        return end(folder, new ProcessBuilder(command));
    }

    /** Runs one by the launcher, which builds what is not built yet. */
    public static LaunchedCommand byLauncher(Path folder, String... arguments)
            throws IOException, InterruptedException {
        return byLauncher(folder, List.of(), arguments);
    }

    /** The same, with options of its JVM and of those that it starts. */
    public static LaunchedCommand byLauncher(Path folder, List<String> jvmOptions, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("ringfence.root"), "ringfence").toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder launcher = new ProcessBuilder(command);
        if (!jvmOptions.isEmpty()) {
            launcher.environment().put("JDK_JAVA_OPTIONS", String.join(" ", jvmOptions));
        }
        return end(folder, launcher);
    }

    private static LaunchedCommand end(Path folder, ProcessBuilder command) throws IOException, InterruptedException {
        Path output = folder.resolve("output");
        int exitCode = command.redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start()
                .waitFor();
        return new LaunchedCommand(exitCode, Files.readString(output));
    }
}

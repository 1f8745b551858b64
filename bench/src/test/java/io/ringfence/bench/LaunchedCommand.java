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
    /**
     * Runs one.
     *
     * @param folder for its temporary files and its output
     */
    public static LaunchedCommand run(Path folder, String... arguments) throws IOException, InterruptedException {
        Path root = Path.of(System.getProperty("ringfence.root"));
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "@" + root.resolve("jvm.options"),
                "-Djava.io.tmpdir=" + folder,
                "-cp",
                System.getProperty("java.class.path"),
                "io.ringfence.dataplane.cli.Ringfence"));
        command.addAll(List.of(arguments));
        return run(folder, command);
    }

    /** Runs one by the launcher, which builds what is not built yet. */
    public static LaunchedCommand byLauncher(Path folder, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("ringfence.root"), "ringfence").toString()));
        command.addAll(List.of(arguments));
        return run(folder, command);
    }

    private static LaunchedCommand run(Path folder, List<String> command) throws IOException, InterruptedException {
        Path output = folder.resolve("output");
        int exitCode = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start()
                .waitFor();
        return new LaunchedCommand(exitCode, Files.readString(output));
    }
}

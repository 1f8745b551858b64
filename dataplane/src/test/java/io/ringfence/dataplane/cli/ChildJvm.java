package io.ringfence.dataplane.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A JVM with the class path of the tests; killed when closed, and at the end of a test that {@link LeftBehind} extends.
 *
 * <p>A time limit in a separate thread interrupts the test, which reading the child's output does not heed: the test would hang on, and
 * the child with its CPUs, sockets and memory live beside those that follow.
 */
public final class ChildJvm implements AutoCloseable {
    private static final Set<ChildJvm> OPEN = ConcurrentHashMap.newKeySet();

    private final Process process;
    private final BufferedReader out;

    private ChildJvm(Process process) {
        this.process = process;
        this.out = process.inputReader(StandardCharsets.UTF_8);
    }

    public static ChildJvm start(Class<?> program, String... arguments) throws IOException {
        return start(List.of(), program, arguments);
    }

    /** As {@link #start}, with standard error a pipe that is full and that nobody reads, in this folder. */
    public static ChildJvm startUnread(Path folder, Class<?> program, String... arguments) throws IOException {
        String script = "mkfifo \"$0\"; exec 2<>\"$0\"; timeout 0.5 cat /dev/zero >&2; exec \"$@\"";
        return start(List.of("bash", "-c", script, folder.resolve("stderr").toString()), program, arguments);
    }

    /** As {@link #start}, by a service manager that has this socket. */
    public static ChildJvm startAsService(Path notifySocket, Class<?> program, String... arguments) throws IOException {
        return start(List.of("env", "NOTIFY_SOCKET=" + notifySocket), program, arguments);
    }

    private static ChildJvm start(List<String> prefix, Class<?> program, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(List.of(
                "env",
                // Ignored where the tests were started in the background; a JVM leaves ignored signals alone.
                "--default-signal=INT,HUP",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "@" + Path.of(System.getProperty("ringfence.root"), "jvm.options"),
                // Speed is not the matter here: nobody waits for C2, which takes most of the compilers' time, or for
                // the heap.
                "-Dringfence.warmup.longest.millis=200",
                "-XX:TieredStopAtLevel=1",
                "-XX:-AlwaysPreTouch",
                "-cp",
                System.getProperty("java.class.path"),
                program.getName()));
        command.addAll(Arrays.asList(arguments));
        ChildJvm started = new ChildJvm(new ProcessBuilder(command).start());
        OPEN.add(started);
        return started;
    }

    /** Waits for the next line on standard output; "null" at its end. */
    public String nextLine() throws IOException {
        return String.valueOf(out.readLine());
    }

    public long pid() {
        return process.pid();
    }

    public void signal(String name) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .inheritIO()
                .start()
                .waitFor();
    }

    /** Waits for its end; returns the exit code, 128 plus the number for a signal that killed it. */
    public int exitCode() throws InterruptedException {
        return process.waitFor();
    }

    /** Waits for a line on standard error that contains this. */
    public void errorLine(String part) throws IOException {
        StringBuilder said = new StringBuilder();
        String line;
        while ((line = errors().readLine()) != null) {
            said.append(line).append('\n');
            if (line.contains(part)) {
                return;
            }
        }
        throw new AssertionError("no line with `%s`, but:%n%s".formatted(part, said));
    }

    private BufferedReader errors() {
        return process.errorReader(StandardCharsets.UTF_8);
    }

    /** Everything that is left of standard error; waits for its end. */
    public String err() throws IOException {
        return new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        OPEN.remove(this);
        process.destroyForcibly();
    }

    static void closeAll() {
        OPEN.forEach(ChildJvm::close);
    }

    /** Kills what a test has not closed; a thread that still reads its output fails. */
    public static final class LeftBehind implements AfterEachCallback {
        @Override
        public void afterEach(ExtensionContext context) {
            closeAll();
        }
    }
}

package io.ringfence.bench.peer;

import io.ringfence.bench.host.JavaCommand;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** A switch of this project that others are compared with: a JVM that says when it listens, and ends when it reads a line. */
final class JavaSwitch extends SwitchProcess {
    private static final Pattern READY = Pattern.compile("(?m)^ready$");
    private static final Duration STOP_LIMIT = Duration.ofSeconds(5);
    private static final List<String> HEAP = List.of("-Xms64m", "-Xmx64m");

    private final List<Path> sockets;

    private JavaSwitch(PeerProcess process, List<Path> sockets) {
        super(process);
        this.sockets = List.copyOf(sockets);
    }

    /**
     * Starts one and waits until it listens on each socket.
     *
     * @throws PeerException if it does not become ready within the limit; the message has what it printed
     */
    static JavaSwitch start(String name, List<String> command, List<Path> sockets, Duration limit) {
        var started = new JavaSwitch(PeerProcess.start(name, command), sockets);
        try {
            started.process.await(READY, 0, limit);
            return started;
        } catch (PeerException e) {
            started.close();
            throw e;
        }
    }

    /** The command line of its JVM: some numbers as arguments, then the sockets. */
    static List<String> command(Class<?> main, List<Integer> numbers, List<Path> sockets) {
        List<String> arguments = new ArrayList<>();
        numbers.forEach(number -> arguments.add(number.toString()));
        sockets.forEach(socket -> arguments.add(socket.toString()));
        return JavaCommand.of(HEAP, main.getName(), arguments);
    }

    @Override
    public void close() {
        try (process) {
            if (process.isAlive()) {
                process.send("stop");
                process.awaitExit(STOP_LIMIT);
            }
        } catch (PeerException e) {
            // It does not listen any more: try-with-resources has killed it.
        }
        try {
            for (Path socket : sockets) {
                Files.deleteIfExists(socket);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

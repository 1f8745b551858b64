package io.ringfence.bench.peer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A child process whose {@link ProcessOutput} is kept, and waited for with a time limit.
 *
 * <p>May be used from any thread, by one at a time. It is ended by its own process id only, on {@link #close} and when the JVM ends.
 */
final class PeerProcess implements AutoCloseable {
    private static final int TAIL_LINES = 25;
    private static final Duration KILL_LIMIT = Duration.ofSeconds(10);
    private static final Duration TERMINATION_LIMIT = Duration.ofSeconds(3);

    private final String name;
    private final Process process;
    private final Thread killer;
    private final ProcessOutput output;
    private volatile Runnable afterwards = () -> {};

    private PeerProcess(String name, Process process) {
        this.name = name;
        this.process = process;
        output = new ProcessOutput(name, process.getInputStream());
        killer = Thread.ofPlatform().name(name + " end").unstarted(this::endWithJvm);
    }

    /** Starts the command; it must {@code exec} any program that it wraps, so that the process id is that of the peer. */
    static PeerProcess start(String name, List<String> command) {
        try {
            var peer = new PeerProcess(
                    name, new ProcessBuilder(command).redirectErrorStream(true).start());
            peer.endWithJvmToo();
            peer.output.startReading();
            return peer;
        } catch (IOException e) {
            throw new PeerException(
                    "%s could not be started: %s (command: %s)"
                            .formatted(name, e.getMessage(), String.join(" ", command)),
                    e);
        }
    }

    private void endWithJvmToo() {
        try {
            Runtime.getRuntime().addShutdownHook(killer);
        } catch (IllegalStateException e) {
            // The JVM is ending already: this is a command that undoes something, and ends by itself.
        }
    }

    /** With SIGTERM first: Ringfence has CPUs to give back. */
    private void endWithJvm() {
        process.destroy();
        try {
            if (!process.waitFor(TERMINATION_LIMIT.toNanos(), TimeUnit.NANOSECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
        }
        afterwards.run();
    }

    /** Has something done once the process has ended because the JVM ends; who ends it otherwise does it himself. */
    void whenEndedWithJvm(Runnable action) {
        afterwards = action;
    }

    /** The place in the output up to which it has been read; what comes later is newer than this call. */
    int position() {
        return output.length();
    }

    /** All output from the given position on. */
    String outputFrom(int position) {
        return output.from(position);
    }

    /**
     * Waits until the pattern is found in the output at or after the given position.
     *
     * @throws PeerException if it is not found within the limit, or the process ends without it
     */
    MatchResult await(Pattern pattern, int from, Duration limit) {
        try {
            MatchResult found = output.await(pattern, from, limit);
            if (found != null) {
                return found;
            }
        } catch (TimeoutException e) {
            throw failure("did not print \"%s\" within %d s".formatted(pattern, limit.toSeconds()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PeerException("Interrupted while waiting for " + name, e);
        }
        // The pipe closes a moment before the exit code can be read.
        process.onExit().completeOnTimeout(process, 1, TimeUnit.SECONDS).join();
        throw failure("ended before it printed \"%s\"".formatted(pattern));
    }

    /** Writes one line to the standard input of the process. */
    void send(String line) {
        try {
            var in = process.getOutputStream();
            in.write((line + "\n").getBytes(StandardCharsets.US_ASCII));
            in.flush();
        } catch (IOException e) {
            throw failure("did not take \"%s\"".formatted(line), e);
        }
    }

    /** An exception that says what went wrong, whether the process lives, and the last lines that it printed. */
    PeerException failure(String what) {
        return failure(what, null);
    }

    /** The same with the exception that led to it. */
    PeerException failure(String what, @Nullable Throwable cause) {
        String state = process.isAlive() ? "still runs" : "ended with exit code " + process.exitValue();
        return new PeerException(
                "%s %s. It %s (pid %d); its last output:%n%s".formatted(name, what, state, process.pid(), tail()),
                cause);
    }

    /** The last lines that it printed. */
    String tail() {
        return output.tail(TAIL_LINES);
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Sends SIGTERM and returns the exit code. */
    int terminate(Duration limit) {
        process.destroy();
        return awaitExit(limit);
    }

    /** Waits until the process has ended and all of its output has been read. */
    int awaitExit(Duration limit) {
        try {
            if (!process.waitFor(limit.toNanos(), TimeUnit.NANOSECONDS)) {
                throw failure("did not end within %d ms".formatted(limit.toMillis()));
            }
            output.awaitEnd(KILL_LIMIT);
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PeerException("Interrupted while waiting for the end of " + name, e);
        }
    }

    /** Kills the process with SIGKILL, if it still runs, and waits for its end. */
    @Override
    public void close() {
        process.destroyForcibly();
        awaitExit(KILL_LIMIT);
        try {
            Runtime.getRuntime().removeShutdownHook(killer);
        } catch (IllegalStateException e) {
            // The JVM is ending and runs the hook itself.
        }
        try {
            process.getOutputStream().close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

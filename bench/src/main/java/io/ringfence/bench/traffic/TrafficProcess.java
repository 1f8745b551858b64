package io.ringfence.bench.traffic;

import io.ringfence.bench.host.JavaCommand;
import io.ringfence.bench.host.Niceness;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Stations in a JVM of their own, driven by one polling thread, with the JVM options of this one.
 *
 * <p>One thread drives it; {@link #close} may be called by any.
 */
public final class TrafficProcess implements AutoCloseable {
    private static final int TAIL_LINES = 20;
    private static final long END_MILLIS = 2_000;
    private static final String HEAP_START = "-Xms128m";
    private static final String HEAP_LIMIT = "-Xmx128m";

    /** What to do when no station has anything to do. */
    public enum Idling {
        /** Poll on: the CPU is the stations' own. */
        SPIN,
        /** Let other threads run first: they are needed for the frames to arrive. */
        YIELD
    }

    private final Process process;
    private final BufferedReader out;
    private final Thread errors;
    private final Deque<String> tail = new ArrayDeque<>();

    private TrafficProcess(Process process) {
        this.process = process;
        out = process.inputReader(StandardCharsets.UTF_8);
        errors = Thread.ofPlatform().daemon().name("traffic-errors").start(this::keepErrors);
    }

    /**
     * Starts the process on the CPUs of the calling thread and returns when all stations are attached.
     *
     * @throws TrafficException if they cannot attach; says why
     */
    public static TrafficProcess start(List<Endpoint> endpoints, Idling idling) {
        return start(new TrafficMain.Setup(idling, 0, List.of(), endpoints));
    }

    /**
     * Starts the process on one CPU, on which it polls, and returns when all stations are attached.
     *
     * <p>The polling thread goes before whoever else needs that CPU, who gets a tenth: back-ends serve their sockets
     * there. Without the right to that, all get the same.
     *
     * @throws TrafficException if they cannot attach; says why
     */
    public static TrafficProcess startOn(int cpu, List<Endpoint> endpoints) {
        return start(new TrafficMain.Setup(Idling.SPIN, Niceness.BEFORE_OTHERS, List.of(cpu), endpoints));
    }

    /**
     * The same, but whoever else needs that CPU gets an even share: a back-end whose code is still being compiled there
     * would otherwise be slow for ten times as long.
     *
     * @throws TrafficException if they cannot attach; says why
     */
    public static TrafficProcess shareCpu(int cpu, List<Endpoint> endpoints) {
        return start(new TrafficMain.Setup(Idling.SPIN, 0, List.of(cpu), endpoints));
    }

    private static TrafficProcess start(TrafficMain.Setup setup) {
        List<String> command = new ArrayList<>(List.of(
                // SIGINT of a terminal goes to its whole foreground group; this child ends with its standard input.
                "/bin/sh", "-c", "trap '' INT; exec \"$@\"", "sh"));
        command.addAll(JavaCommand.of(List.of(HEAP_START, HEAP_LIMIT), TrafficMain.class.getName(), List.of()));
        try {
            TrafficProcess started = new TrafficProcess(new ProcessBuilder(command).start());
            try {
                started.send(setup);
                started.expectAttached();
            } catch (RuntimeException e) {
                started.close();
                throw e;
            }
            return started;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start " + String.join(" ", command), e);
        }
    }

    private void expectAttached() {
        String line = readLine();
        if (!line.equals(TrafficMain.ATTACHED)) {
            throw failure("said \"" + line + "\", expected \"" + TrafficMain.ATTACHED + "\"");
        }
    }

    /**
     * Does one run and returns the report of the whole of it.
     *
     * @param intervals takes a report of each interval, if the plan wants them
     * @throws TrafficException if the process ends meanwhile; says why
     */
    public Report run(RunPlan plan, Consumer<Report> intervals) {
        send(plan);
        while (true) {
            Report report = Json.MAPPER.readValue(readLine(), Report.class);
            if (report.whole()) {
                return report;
            }
            intervals.accept(report);
        }
    }

    /** Does one run and returns its report. */
    public Report run(RunPlan plan) {
        return run(plan, ignored -> {});
    }

    private void send(Object value) {
        String line = Json.MAPPER.writeValueAsString(value);
        try {
            var in = process.outputWriter(StandardCharsets.UTF_8);
            in.write(line + "\n");
            in.flush();
        } catch (IOException e) {
            throw failure("does not take \"" + line + "\"");
        }
    }

    private String readLine() {
        try {
            String line = out.readLine();
            if (line != null) {
                return line;
            }
        } catch (IOException e) {
            // Closed by another thread: as good as the end.
        }
        throw failure("has ended");
    }

    private TrafficException failure(String what) {
        String exit;
        try {
            boolean ended = process.waitFor(END_MILLIS, TimeUnit.MILLISECONDS);
            errors.join(END_MILLIS);
            exit = ended ? "exit code " + process.exitValue() : "it still runs";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            exit = "interrupted while waiting for its end";
        }
        synchronized (tail) {
            String last =
                    tail.isEmpty() ? "it printed no error" : "its last lines:\n  | " + String.join("\n  | ", tail);
            return new TrafficException(
                    "the process of the guests (pid %d) %s (%s); %s".formatted(process.pid(), what, exit, last));
        }
    }

    private void keepErrors() {
        try (BufferedReader err = process.errorReader(StandardCharsets.UTF_8)) {
            for (String line = err.readLine(); line != null; line = err.readLine()) {
                synchronized (tail) {
                    tail.add(line);
                    if (tail.size() > TAIL_LINES) {
                        tail.remove();
                    }
                }
            }
        } catch (IOException e) {
            // Closed: there is no more.
        }
    }

    /** The id of the process. */
    public long pid() {
        return process.pid();
    }

    /** Ends the process and waits for that; kills it if it does not end by itself. */
    @Override
    public void close() {
        try {
            process.getOutputStream().close();
        } catch (IOException e) {
            // It has ended before.
        }
        try {
            if (!process.waitFor(END_MILLIS, TimeUnit.MILLISECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}

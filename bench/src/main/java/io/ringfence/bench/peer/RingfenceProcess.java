package io.ringfence.bench.peer;

import io.ringfence.bench.host.JavaCommand;
import io.ringfence.dataplane.cli.Ringfence;
import io.ringfence.dataplane.control.CountersFile;
import io.ringfence.dataplane.telemetry.Counters;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Ringfence's dataplane, started through the launcher as a user would. One thread drives it. */
public final class RingfenceProcess implements SwitchProcess {
    private static final Pattern READY = Pattern.compile("(?m)^ready\\b.*$");
    private static final Duration STOP_LIMIT = Duration.ofSeconds(10);

    private final PeerProcess process;
    private final Duration startTime;

    private RingfenceProcess(PeerProcess process, Duration startTime) {
        this.process = process;
        this.startTime = startTime;
    }

    /**
     * Starts {@code ringfence run} with the configuration and waits for its {@code ready} line.
     *
     * @param root the folder of the launcher
     * @param yaml the text of the configuration file
     * @throws PeerException if it does not become ready within the limit; the message has what it printed
     */
    public static RingfenceProcess start(Path root, String yaml, Duration limit) {
        return start(root, List.of(), yaml, limit);
    }

    /** As {@link #start(Path, String, Duration)}, with further options of {@code ringfence run}. */
    public static RingfenceProcess start(Path root, List<String> options, String yaml, Duration limit) {
        return launch(List.of(root.resolve("ringfence").toString()), options, yaml, limit);
    }

    /**
     * Starts {@code ringfence run} in a JVM like this one and waits for its {@code ready} line.
     *
     * @throws PeerException if it does not become ready within the limit; the message has what it printed
     */
    public static RingfenceProcess start(String yaml, Duration limit) {
        return start(List.of(), List.of(), yaml, limit);
    }

    /**
     * The same with further options.
     *
     * @param options of the JVM
     * @param runOptions of {@code ringfence run}
     * @throws PeerException if it does not become ready within the limit; the message has what it printed
     */
    public static RingfenceProcess start(List<String> options, List<String> runOptions, String yaml, Duration limit) {
        return launch(JavaCommand.of(options, Ringfence.class.getName(), List.of()), runOptions, yaml, limit);
    }

    private static RingfenceProcess launch(List<String> program, List<String> options, String yaml, Duration limit) {
        try {
            Path configuration = Files.createTempFile("ringfence", ".yaml");
            Files.writeString(configuration, yaml);
            configuration.toFile().deleteOnExit();
            long startNanos = System.nanoTime();
            var command = new ArrayList<>(program);
            command.addAll(List.of("run", "--config", configuration.toString()));
            command.addAll(options);
            var process = PeerProcess.start("Ringfence", command);
            try {
                process.await(READY, 0, limit);
            } catch (PeerException e) {
                process.close();
                throw e;
            }
            return new RingfenceProcess(process, Duration.ofNanos(System.nanoTime() - startNanos));
        } catch (IOException e) {
            throw new UncheckedIOException("The configuration file cannot be written", e);
        }
    }

    /** The time from the command to the {@code ready} line. */
    public Duration startTime() {
        return startTime;
    }

    @Override
    public String output() {
        return process.outputFrom(0);
    }

    /** The counters of all VMs so far, by {@code vm/counter}. */
    public Map<String, Long> counters() {
        try {
            return Counters.read(CountersFile.of(pid()));
        } catch (IOException e) {
            throw new UncheckedIOException("The counters file of Ringfence cannot be read", e);
        }
    }

    /** The frames that it has taken from guests and not delivered, whatever the cause. */
    public long droppedFrames() {
        return counters().entrySet().stream()
                .filter(counter -> counter.getKey().contains("/drop-"))
                .mapToLong(Map.Entry::getValue)
                .sum();
    }

    @Override
    public long pid() {
        return process.pid();
    }

    @Override
    public boolean isAlive() {
        return process.isAlive();
    }

    /** Sends SIGTERM, waits for the end and returns the exit code. */
    public int terminate() {
        return process.terminate(STOP_LIMIT);
    }

    /** Sends SIGKILL and waits for the end. */
    public void kill() {
        process.close();
    }

    /** Ends it with SIGTERM, or kills it if it does not end then. */
    @Override
    public void close() {
        try (process) {
            if (process.isAlive()) {
                process.terminate(STOP_LIMIT);
            }
        }
    }
}

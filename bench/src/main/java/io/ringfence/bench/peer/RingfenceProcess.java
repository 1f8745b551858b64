package io.ringfence.bench.peer;

import io.ringfence.bench.host.JavaCommand;
import io.ringfence.bench.host.ProcessCpuTime;
import io.ringfence.dataplane.cli.Ringfence;
import io.ringfence.dataplane.control.RunDirectory;
import io.ringfence.dataplane.telemetry.Counter;
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
public final class RingfenceProcess extends SwitchProcess {
    private static final Pattern READY = Pattern.compile("(?m)^ready\\b.*$");
    private static final Pattern RELOADED = Pattern.compile("host: (?:reloaded|(warning: not reloaded))");
    /** That of {@code run.options}: it decides how often memory is collected, hence latencies. */
    private static final List<String> HEAP = List.of("-Xms1g", "-Xmx1g");

    private static final Duration STOP_LIMIT = Duration.ofSeconds(10);

    private final Path configuration;

    private RingfenceProcess(PeerProcess process, Path configuration) {
        super(process);
        this.configuration = configuration;
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
     * Starts {@code ringfence run} in a JVM like this one, but with its own heap, and waits for its {@code ready} line.
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
        var all = new ArrayList<>(HEAP);
        all.addAll(options);
        return launch(JavaCommand.of(all, Ringfence.class.getName(), List.of()), runOptions, yaml, limit);
    }

    /**
     * Starts it, as {@link #start(String, Duration)}, with its workers on one rung of the scheduling ladder, where otherwise the best that the host gives is
     * taken.
     *
     * @param rung in the configuration's words; the file must allow it
     * @param folder for its run files: not /run/ringfence, where only root may write and operators look for what is in service
     * @throws PeerException if it does not become ready within the limit, or on another rung; the message has what it printed
     */
    public static RingfenceProcess startOnRung(String rung, Path folder, String yaml, Duration limit) {
        return startOnRung(rung, folder, List.of(), List.of(), yaml, limit);
    }

    /**
     * The same with further options.
     *
     * @param options of the JVM
     * @param runOptions of {@code ringfence run}
     * @throws PeerException if it does not become ready within the limit, or on another rung; the message has what it printed
     */
    public static RingfenceProcess startOnRung(
            String rung, Path folder, List<String> options, List<String> runOptions, String yaml, Duration limit) {
        var all = new ArrayList<>(options);
        all.add("-Dringfence.run.directory=" + folder);
        all.add("-Dringfence.scheduling.first=" + rung);
        RingfenceProcess started = start(all, runOptions, yaml, limit);
        if (!started.output().contains("scheduling " + rung + ":")) {
            PeerException other = started.process.failure("came up on another rung than %s".formatted(rung));
            started.close();
            throw other;
        }
        return started;
    }

    private static RingfenceProcess launch(List<String> program, List<String> options, String yaml, Duration limit) {
        try {
            Path configuration = Files.createTempFile("ringfence", ".yaml");
            Files.writeString(configuration, yaml);
            configuration.toFile().deleteOnExit();
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
            return new RingfenceProcess(process, configuration);
        } catch (IOException e) {
            throw new UncheckedIOException("The configuration file cannot be written", e);
        }
    }

    /**
     * Has it change to another configuration, and waits until it has.
     *
     * @return the time from the request until it says so
     * @throws PeerException if it refuses, or does not within the limit; the message has what it printed
     */
    public Duration reload(String yaml, Duration limit) {
        try {
            Files.writeString(configuration, yaml);
        } catch (IOException e) {
            throw new UncheckedIOException("The configuration file cannot be written", e);
        }
        int position = process.position();
        long startNanos = System.nanoTime();
        ShortCommand.run(List.of("kill", "-HUP", Long.toString(pid())));
        if (process.await(RELOADED, position, limit).group(1) != null) {
            throw process.failure("did not change to another configuration");
        }
        return Duration.ofNanos(System.nanoTime() - startNanos);
    }

    /** For what its JVM does on request. */
    public Jcmd jcmd() {
        return new Jcmd(pid());
    }

    /** The counters of all VMs so far, by {@code vm/counter}. */
    public Map<String, Long> counters() {
        return counters(RunDirectory.counters(pid()));
    }

    /** The CPU time that the workers of all VMs have used so far. */
    public long workerNanos() {
        return ProcessCpuTime.nanos(pid(), "worker-");
    }

    /** What all VMs together have counted so far of one counter, in a dataplane with this run directory. */
    public long counted(Path runDirectory, Counter counter) {
        return counters(RunDirectory.counters(runDirectory, pid())).entrySet().stream()
                .filter(one -> one.getKey().endsWith("/" + counter.label()))
                .mapToLong(Map.Entry::getValue)
                .sum();
    }

    private static Map<String, Long> counters(Path file) {
        try {
            return Counters.read(file);
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

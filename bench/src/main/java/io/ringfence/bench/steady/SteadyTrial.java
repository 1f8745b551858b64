package io.ringfence.bench.steady;

import io.ringfence.bench.host.Compilers;
import io.ringfence.bench.host.ProcessCpuTime;
import io.ringfence.bench.peer.Conditions;
import io.ringfence.bench.peer.RingfenceProcess;
import io.ringfence.bench.steady.SteadyResult.Carried;
import io.ringfence.bench.traffic.Report;
import io.ringfence.bench.traffic.RunPlan;
import io.ringfence.bench.traffic.TrafficProcess;
import io.ringfence.dataplane.cost.HostIdentity;
import io.ringfence.dataplane.telemetry.Counter;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** A dataplane that is recorded while it carries all loads in turn. One thread drives it. */
final class SteadyTrial {
    private static final String NAME = "steady";
    private static final String SETTINGS = "steady.jfc";
    /** A rare branch may not come in every pass. */
    private static final int CALM_PASSES = 2;

    /** Threads' bytes are told ten times a second. */
    private static final int EDGE_MILLIS = 300;

    /** What reports say how often it came; {@link Judgement} says which of these must. */
    private static final List<Counter> WAYS = List.of(
            Counter.TRANSMITTED_FRAMES,
            Counter.RECEIVED_FRAMES,
            Counter.FLOODED_FRAMES,
            Counter.HANDED_OFF_FRAMES,
            Counter.CLAIMS_MISSED,
            Counter.DROPPED_CONGESTED,
            Counter.LIMITED_VISITS,
            Counter.VISITS,
            Counter.BLOCKS,
            Counter.YIELDS,
            Counter.THROTTLES);

    private final Conditions conditions;
    private final int passes;
    private final double warmUpLimitSeconds;
    private final Path folder;
    private final DeoptimizationLog log;

    /**
     * Prepares for one measurement.
     *
     * @param conditions how long each load is, each time
     * @param passes of all loads that count
     * @param warmUpLimitSeconds after which it is measured even if workers are deoptimised still
     */
    SteadyTrial(Conditions conditions, int passes, double warmUpLimitSeconds) {
        this.conditions = conditions;
        this.passes = passes;
        this.warmUpLimitSeconds = warmUpLimitSeconds;
        folder = conditions.place().folder();
        log = new DeoptimizationLog(folder.resolve("deoptimization.log"));
    }

    /**
     * Measures.
     *
     * @throws io.ringfence.bench.peer.PeerException if this host refuses; says why
     */
    SteadyResult run() throws InterruptedException, IOException {
        Instant startedAt = Instant.now();
        try (RingfenceProcess process = start();
                TrafficProcess generator =
                        TrafficProcess.shareCpu(conditions.place().loadCpu(), Guest.endpoints(folder))) {
            Compilers compilers = new Compilers(process.pid(), generator.pid());
            Set<Long> workers = workers(process);
            Instant warmingUp = Instant.now();
            warmUp(generator, compilers, workers);
            // From now on the first allocation of each thread begins a buffer, and so has a stack.
            process.jcmd().collectGarbage();
            TimeUnit.MILLISECONDS.sleep(EDGE_MILLIS);
            Map<Counter, Long> before = counted(process);
            Instant from = Instant.now();
            List<Carried> carried = measure(generator, compilers);
            TimeUnit.MILLISECONDS.sleep(EDGE_MILLIS);
            Instant to = Instant.now();
            Path recording = folder.resolve(NAME + ".jfr");
            process.jcmd().dumpRecording(NAME, recording);
            Map<String, Long> counted = new TreeMap<>();
            counted(process)
                    .forEach((counter, now) -> counted.put(counter.label(), now - before.getOrDefault(counter, 0L)));
            return new SteadyResult(
                    startedAt.truncatedTo(ChronoUnit.SECONDS),
                    HostIdentity.current(),
                    conditions.rung(),
                    conditions.seconds(),
                    seconds(warmingUp, from),
                    log.since(startedAt, workers).stream()
                            .filter(entry -> entry.at().isBefore(from))
                            .collect(Collectors.toMap(DeoptimizationLog.Entry::text, entry -> 1, Integer::sum)),
                    seconds(from, to),
                    carried,
                    counted,
                    Recording.read(recording, from, to),
                    log.since(from, workers).stream()
                            .map(DeoptimizationLog.Entry::text)
                            .toList());
        }
    }

    private static double seconds(Instant from, Instant to) {
        return Duration.between(from, to).toMillis() / 1e3;
    }

    private RingfenceProcess start() throws IOException {
        Path settings = folder.resolve(SETTINGS);
        try (InputStream resource = Objects.requireNonNull(SteadyTrial.class.getResourceAsStream(SETTINGS), SETTINGS)) {
            Files.copy(resource, settings);
        }
        return conditions.start(
                Guest.configuration(conditions),
                List.of("-XX:StartFlightRecording=name=" + NAME + ",settings=" + settings, log.option()));
    }

    private static Set<Long> workers(RingfenceProcess process) {
        return ProcessCpuTime.threads(process.pid(), "worker-").stream()
                .map(task -> Long.parseLong(task.getFileName().toString()))
                .collect(Collectors.toUnmodifiableSet());
    }

    /** Until some passes of the loads have deoptimised nothing any more. */
    private void warmUp(TrafficProcess generator, Compilers compilers, Set<Long> workers)
            throws InterruptedException, IOException {
        long startNanos = System.nanoTime();
        int calm = 0;
        while (calm < CALM_PASSES && System.nanoTime() - startNanos < warmUpLimitSeconds * 1e9) {
            Instant from = Instant.now();
            for (Load load : Load.values()) {
                compilers.awaitRest();
                run(generator, load);
            }
            compilers.awaitRest();
            calm = log.since(from, workers).isEmpty() ? calm + 1 : 0;
        }
    }

    private List<Carried> measure(TrafficProcess generator, Compilers compilers) throws InterruptedException {
        Map<Load, Carried> carried = new EnumMap<>(Load.class);
        for (int pass = 0; pass < passes; pass++) {
            for (Load load : Load.values()) {
                compilers.awaitRest();
                carried.merge(
                        load,
                        run(generator, load),
                        (one, other) ->
                                new Carried(load, one.sent() + other.sent(), one.received() + other.received()));
            }
        }
        return new ArrayList<>(carried.values());
    }

    private Carried run(TrafficProcess generator, Load load) {
        Report report = generator.run(RunPlan.of(0, conditions.seconds(), load.assignments()));
        return new Carried(load, report.sent(), report.received());
    }

    private Map<Counter, Long> counted(RingfenceProcess process) {
        Map<Counter, Long> counted = new EnumMap<>(Counter.class);
        WAYS.forEach(counter -> counted.put(counter, process.counted(folder, counter)));
        return counted;
    }
}

package io.ringfence.bench.demo;

import io.ringfence.bench.terminal.Cleanup;
import io.ringfence.bench.terminal.PrivateFolder;
import io.ringfence.bench.traffic.Report;
import io.ringfence.bench.traffic.TrafficProcess;
import io.ringfence.config.Configuration;
import io.ringfence.dataplane.control.Dataplane;
import io.ringfence.dataplane.telemetry.Counters;
import io.ringfence.scheduler.SchedulingRefusedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** What the demo plays on: a dataplane in this process, its workers, and the guests in another process. */
final class Stage {
    private static final double WARM_UP_SECONDS = 0.7;
    private static final int LARGE_BYTES = 1518;

    private final Dataplane dataplane;
    private final TrafficProcess guests;
    private final List<WorkerThread> workers;

    private Stage(Dataplane dataplane, TrafficProcess guests, List<WorkerThread> workers) {
        this.dataplane = dataplane;
        this.guests = guests;
        this.workers = workers;
    }

    /**
     * Starts everything.
     *
     * @param cpu the CPU of the workers
     * @throws SchedulingRefusedException if the host does not even give the lowest rung
     */
    static Stage build(int cpu, Screen screen, Cleanup cleanup) throws Exception {
        Path folder = cleanup.open(PrivateFolder::create).path();
        // Not in /run/ringfence, where only root may write, and where operators look for what is in service.
        System.setProperty("ringfence.run.directory", folder.toString());
        Dataplane dataplane = cleanup.open(() -> startDataplane(folder, cpu, screen));
        List<WorkerThread> workers =
                List.of(WorkerThread.of(DemoConfiguration.ALICE), WorkerThread.of(DemoConfiguration.BOB));
        TrafficProcess.Idling idling = workers.stream().allMatch(WorkerThread::isReserved)
                ? TrafficProcess.Idling.SPIN
                : TrafficProcess.Idling.YIELD;
        TrafficProcess guests = cleanup.open(() -> TrafficProcess.start(DemoConfiguration.endpoints(folder), idling));
        return new Stage(dataplane, guests, workers);
    }

    private static Dataplane startDataplane(Path folder, int cpu, Screen screen) throws Exception {
        Configuration strict = DemoConfiguration.create(folder, cpu, "deadline");
        try {
            return Dataplane.start(strict, screen);
        } catch (SchedulingRefusedException refused) {
            screen.refused(String.valueOf(refused.getMessage()));
            return Dataplane.start(DemoConfiguration.create(folder, cpu, "other"), screen);
        }
    }

    /** The workers, as the kernel runs them. */
    List<WorkerThread> workers() {
        return workers;
    }

    /** Has both JVMs compile what the acts need. */
    void warmUp() {
        for (Act act : Act.all(1, LARGE_BYTES)) {
            guests.run(act.plan(WARM_UP_SECONDS));
        }
    }

    /** What the dataplane counts, by {@code vm/counter}. */
    Map<String, Long> counters() {
        try {
            return Counters.read(dataplane.counters().file());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Plays an act; returns the report of the whole of it. */
    Report play(Act act, Consumer<Report> intervals) {
        return guests.run(act.plan(), intervals);
    }
}

package io.ringfence.bench.isolation;

import io.ringfence.bench.isolation.IsolationResult.Measured;
import io.ringfence.bench.isolation.IsolationResult.Pair;
import io.ringfence.bench.peer.Place;
import io.ringfence.bench.peer.SwitchProcess;
import io.ringfence.bench.traffic.Assignment;
import io.ringfence.bench.traffic.Report;
import io.ringfence.bench.traffic.Role;
import io.ringfence.bench.traffic.RunPlan;
import io.ringfence.bench.traffic.TrafficProcess;
import io.ringfence.bench.traffic.WarmUp;
import java.util.List;
import java.util.function.Supplier;

/** A switch, started, to which all VMs of a company are attached. One thread drives it. */
final class Testbed implements AutoCloseable {
    /** Bytes of the victim's frames, which go one way, open loop. */
    static final int LENGTH_BYTES = 64;

    /** Before each run: until the queues are as the aggressor makes them. */
    private static final double LEAD_SECONDS = 0.15;

    private static final double WARM_UP_SECONDS = 0.2;

    private final Launch launch;
    private final Place place;
    private final Company company;
    private final IsolationTrial.Run measured;
    private final SwitchProcess process;
    private final TrafficProcess generator;
    private final WarmUp warmUp;

    /**
     * Starts it.
     *
     * @param measured what each run is
     * @throws io.ringfence.bench.peer.PeerException if this host refuses; says why
     * @throws io.ringfence.bench.traffic.TrafficException if the VMs cannot attach; says why
     */
    Testbed(Launch launch, Place place, Company company, IsolationTrial.Run measured) {
        this.launch = launch;
        this.place = place;
        this.company = company;
        this.measured = measured;
        process = launch.start(place, company);
        try {
            generator = TrafficProcess.startOn(place.loadCpu(), company.endpoints(place));
        } catch (RuntimeException e) {
            process.close();
            throw e;
        }
        warmUp = new WarmUp(
                generator,
                WARM_UP_SECONDS,
                process.pid(),
                ProcessHandle.current().pid());
    }

    /** Has all JVMs compile what the runs beside these aggressors need, until hardly anything is left to compile. */
    void warmUp(List<Aggressor> aggressors) throws InterruptedException {
        warmUp.untilCompiled(aggressors.stream()
                .<Supplier<List<Assignment>>>map(aggressor -> () -> {
                    launch.prepare(process, company, aggressor);
                    return aggressor.assignments(company, victim(), 0);
                })
                .toList());
    }

    private Role.Stream victim() {
        return new Role.Stream(measured.framesPerSecond(), LENGTH_BYTES);
    }

    /** The victim without the aggressor and with it, one right after the other. */
    Pair pair(Aggressor aggressor, boolean aggressorFirst) throws InterruptedException {
        launch.prepare(process, company, aggressor);
        if (aggressorFirst) {
            Measured with = measure(aggressor);
            return new Pair(aggressor, measure(Aggressor.NONE), with);
        }
        Measured without = measure(Aggressor.NONE);
        return new Pair(aggressor, without, measure(aggressor));
    }

    /** The victim alone, and then the aggressor starts, for as long each as in a pair. */
    Onset onset(Aggressor aggressor) throws InterruptedException {
        RunPlan plan = RunPlan.of(
                        LEAD_SECONDS,
                        2 * measured.seconds(),
                        aggressor.assignments(company, victim(), measured.seconds()))
                .withSlices(Onset.WINDOW_SECONDS);
        return Onset.of(aggressor, measured.seconds(), run(plan));
    }

    /** The victim beside an aggressor, for which the switch is prepared. */
    Measured measure(Aggressor aggressor) throws InterruptedException {
        RunPlan plan = RunPlan.of(LEAD_SECONDS, measured.seconds(), aggressor.assignments(company, victim(), 0));
        if (aggressor != Aggressor.HOGS) {
            return Measured.of(run(plan));
        }
        try (Hogs hogs = Hogs.start(place.switchCpu(), measured.seconds())) {
            return Measured.of(run(plan)).and(hogs.outcome());
        }
    }

    /** What the run before has left to compile would be compiled on the CPU that the generator keeps busy. */
    private Report run(RunPlan plan) throws InterruptedException {
        warmUp.awaitRest();
        return generator.run(plan);
    }

    /** What went wrong with the switch meanwhile; empty if it still runs. */
    String failure() {
        return process.isAlive() ? "" : "it has ended: " + process.output();
    }

    @Override
    public void close() {
        try (process) {
            generator.close();
        }
    }
}

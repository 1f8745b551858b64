package io.ringfence.bench.demo;

import io.ringfence.bench.demo.Outcome.Phase;
import io.ringfence.bench.host.Compilers;
import io.ringfence.bench.traffic.Report;
import io.ringfence.bench.traffic.RunPlan;
import io.ringfence.bench.traffic.TrafficProcess;
import io.ringfence.config.ConfigurationException;
import io.ringfence.dataplane.admission.AdmissionPlan;
import io.ringfence.dataplane.control.Dataplane;
import io.ringfence.dataplane.control.EventLog;
import io.ringfence.dataplane.cost.CostModelFile;
import io.ringfence.dataplane.diagnosis.Diagnosis;
import io.ringfence.scheduler.CpuLimit;
import io.ringfence.scheduler.SchedulingRefusedException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * What an act plays on: a dataplane in this process, and the VMs in another.
 *
 * <p>One thread drives it; {@link #close} may be called by any, more than once.
 */
final class Stage implements AutoCloseable {
    private static final int GENERATOR_CPU = 0;
    /** Less for tests, which look at no figure. */
    private static final int WARM_UPS = Integer.getInteger("ringfence.bench.warmup.times", 2);

    private static final double NOISY_SECONDS = 0.25;
    private static final double LITTLE_SECONDS = 0.75;
    /** Before an act, so that what it needs and the warm-up did not is compiled too. */
    private static final double SETTLE_SECONDS = 1.5;

    private final DemoNetwork network;
    private final Act act;
    private final Dataplane dataplane;
    private final TrafficProcess guests;
    /** They share a CPU with the guests, and have it to themselves while those rest. */
    private final Compilers compilers;

    private boolean closed;

    private Stage(DemoNetwork network, Act act, Dataplane dataplane, TrafficProcess guests) {
        this.network = network;
        this.act = act;
        this.dataplane = dataplane;
        this.guests = guests;
        compilers = new Compilers(ProcessHandle.current().pid(), guests.pid());
    }

    /**
     * Starts everything.
     *
     * @param scheduling the lowest rung allowed to workers that are not one shared thread
     * @throws SchedulingRefusedException if the host does not give it
     */
    static Stage build(DemoNetwork network, Act act, String scheduling, EventLog log)
            throws IOException, ConfigurationException {
        CostModelFile costs = new CostModelFile(CostModelFile.DEFAULT);
        Dataplane dataplane = Dataplane.start(
                network.configuration(act.isShared() ? "other" : scheduling),
                wanted -> new AdmissionPlan(wanted, costs::load, CpuLimit::read),
                log,
                act.isShared() ? Set.of(Diagnosis.SHARED_THREAD) : Set.of());
        try {
            TrafficProcess guests = network.cpu() == GENERATOR_CPU
                    ? TrafficProcess.start(network.endpoints(), TrafficProcess.Idling.YIELD)
                    : TrafficProcess.shareCpu(GENERATOR_CPU, network.endpoints());
            return new Stage(network, act, dataplane, guests);
        } catch (RuntimeException e) {
            dataplane.close();
            throw e;
        }
    }

    /** The thread that serves the victim, as the kernel runs it. */
    WorkerThread worker() throws IOException {
        return WorkerThread.named(act.isShared() ? "polling" : "worker-" + DemoNetwork.VICTIM);
    }

    /** The scheduling of the workers that is in force, in the configuration's words. */
    String rung() {
        return dataplane.rung();
    }

    /** Has both JVMs compile what the act needs. */
    void warmUp() throws InterruptedException {
        for (int i = 0; i < WARM_UPS; i++) {
            guests.run(RunPlan.of(0, NOISY_SECONDS, network.assignments(true)));
            guests.run(RunPlan.of(0, LITTLE_SECONDS, network.warmUp()));
            compilers.awaitRest();
        }
    }

    /** Plays the act before an audience. */
    List<Phase> play(Timing timing, Audience audience) {
        List<Phase> phases = new ArrayList<>();
        double alone = act.hasNeighbours() ? timing.aloneSeconds() : timing.seconds();
        phases.add(play(RunPlan.of(SETTLE_SECONDS, alone, network.assignments(false)), timing, 0, false, audience));
        if (act.hasNeighbours()) {
            RunPlan beside = RunPlan.of(0, timing.seconds() - alone, network.assignments(true));
            phases.add(play(beside, timing, alone, true, audience));
        }
        return phases;
    }

    private Phase play(RunPlan plan, Timing timing, double fromSeconds, boolean noisy, Audience audience) {
        List<Sample> seen = new ArrayList<>();
        Report whole =
                guests.run(plan.withIntervals(timing.sampleSeconds()).withSlices(timing.sliceSeconds()), report -> {
                    double until = fromSeconds + (seen.size() + 1) * timing.sampleSeconds();
                    Sample sample = Sample.of(report, until, noisy);
                    seen.add(sample);
                    audience.sample(sample);
                });
        Phase phase = new Phase(noisy, fromSeconds, whole, seen);
        audience.over(phase);
        return phase;
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            guests.close();
            dataplane.close();
        }
    }
}

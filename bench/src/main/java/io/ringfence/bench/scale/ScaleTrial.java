package io.ringfence.bench.scale;

import io.ringfence.bench.host.ProcessCpuTime;
import io.ringfence.bench.host.ResidentMemory;
import io.ringfence.bench.peer.Conditions;
import io.ringfence.bench.peer.RingfenceProcess;
import io.ringfence.bench.scale.ScaleResult.Arrival;
import io.ringfence.bench.scale.ScaleResult.Cost;
import io.ringfence.bench.scale.ScaleResult.Idle;
import io.ringfence.bench.scale.ScaleResult.Memory;
import io.ringfence.bench.scale.ScaleResult.Round;
import io.ringfence.bench.scale.ScaleResult.Victim;
import io.ringfence.bench.traffic.Carried;
import io.ringfence.bench.traffic.Report;
import io.ringfence.bench.traffic.Role;
import io.ringfence.bench.traffic.RunPlan;
import io.ringfence.bench.traffic.TrafficProcess;
import io.ringfence.bench.traffic.WarmUp;
import io.ringfence.dataplane.telemetry.Counter;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** One round of one number of VMs: started, measured in every respect, and ended. */
final class ScaleTrial {
    static final int LENGTH_BYTES = 64;
    /** What the victim sends: open loop, one way. */
    static final Role.Stream STREAM = new Role.Stream(20_000, LENGTH_BYTES);
    /** What all VMs together send while they send little. */
    static final int TRICKLE_PER_SECOND = 50_000;

    private static final Role FLOOD = new Role.Flood(LENGTH_BYTES);
    private static final double LEAD_SECONDS = 0.2;
    private static final double WARM_UP_SECONDS = 0.5;
    private static final int SETTLE_MILLIS = 1_000;

    private final Lan lan;
    private final Conditions conditions;

    ScaleTrial(Lan lan, Conditions conditions) {
        this.lan = lan;
        this.conditions = conditions;
    }

    /**
     * Measures.
     *
     * @throws io.ringfence.bench.peer.PeerException if this host refuses; says why
     */
    Round run() throws InterruptedException, IOException {
        try (RingfenceProcess process = conditions.start(lan.configuration(conditions, lan.vms()))) {
            Cost flood;
            Cost trickle;
            Victim victim;
            Idle idle;
            Memory memory;
            try (TrafficProcess generator = conditions.attach(lan.endpoints(conditions.place(), lan.vms()))) {
                warmUp(process, generator);
                flood = cost(process, generator, FLOOD);
                trickle = cost(process, generator, trickle());
                victim = victim(generator);
                TimeUnit.MILLISECONDS.sleep(SETTLE_MILLIS);
                idle = idle(process);
                memory = new Memory(
                        process.jcmd().heapUsedBytes(),
                        ResidentMemory.of(process.pid()).other());
            }
            List<Arrival> arrivals = new Arrivals(lan, conditions, process).measure();
            return new Round(flood, trickle, victim, idle, memory, arrivals);
        }
    }

    private Role trickle() {
        return new Role.Stream(TRICKLE_PER_SECOND / lan.vms(), LENGTH_BYTES);
    }

    /** Has both JVMs compile what the runs need, which takes time on the CPU that the generator keeps busy. */
    private void warmUp(RingfenceProcess process, TrafficProcess generator) throws InterruptedException {
        new WarmUp(generator, WARM_UP_SECONDS, process.pid())
                .untilCompiled(List.of(
                        () -> Lan.all(lan.vms(), FLOOD),
                        () -> Lan.all(lan.vms(), trickle()),
                        () -> lan.beside(STREAM, FLOOD)));
    }

    private Cost cost(RingfenceProcess process, TrafficProcess generator, Role role) {
        generator.run(RunPlan.of(0, LEAD_SECONDS, Lan.all(lan.vms(), role)));
        long visits = process.counted(conditions.place().folder(), Counter.VISITS);
        Carried carried = Carried.measure(
                generator, RunPlan.of(0, conditions.seconds(), Lan.all(lan.vms(), role)), process::workerNanos);
        visits = process.counted(conditions.place().folder(), Counter.VISITS) - visits;
        return new Cost(
                carried.perSecond(),
                carried.cpuNanosPerFrame(),
                (double) carried.report().received() / Math.max(1, visits),
                carried.lostShare(),
                carried.report().disturbances());
    }

    private Victim victim(TrafficProcess generator) {
        Report report = generator.run(RunPlan.of(LEAD_SECONDS, conditions.seconds(), lan.beside(STREAM, FLOOD)));
        Report.Flow flow = report.from(Lan.victim());
        double others = (report.received() - flow.counts().received()) / report.seconds();
        return new Victim(flow.histogram(), flow.counts(), others, report.disturbances());
    }

    private Idle idle(RingfenceProcess process) throws InterruptedException {
        long workers = process.workerNanos();
        long all = ProcessCpuTime.nanos(process.pid());
        long startNanos = System.nanoTime();
        TimeUnit.NANOSECONDS.sleep((long) (conditions.seconds() * 1e9));
        workers = process.workerNanos() - workers;
        all = ProcessCpuTime.nanos(process.pid()) - all;
        double elapsedSeconds = (System.nanoTime() - startNanos) / 1e9;
        return new Idle(workers / elapsedSeconds, (all - workers) / elapsedSeconds);
    }
}

package io.ringfence.bench.visits;

import io.ringfence.bench.peer.Conditions;
import io.ringfence.bench.peer.RingfenceFile;
import io.ringfence.bench.peer.RingfenceProcess;
import io.ringfence.bench.peer.Vm;
import io.ringfence.bench.traffic.Assignment;
import io.ringfence.bench.traffic.Carried;
import io.ringfence.bench.traffic.Report;
import io.ringfence.bench.traffic.RunPlan;
import io.ringfence.bench.traffic.TrafficProcess;
import io.ringfence.bench.traffic.WarmUp;
import io.ringfence.bench.visits.VisitsResult.Cell;
import io.ringfence.bench.visits.VisitsResult.Round;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** One round of one setting: Ringfence started with it, measured under every load, and ended. */
final class VisitsTrial {
    /** Of the CPU, for each of the two VMs. */
    static final double SHARE = 0.44;

    private static final int MTU = 1500;
    /** At most: no longer than the runs themselves, of which short ones only show that all of it works. */
    private static final double WARM_UP_SECONDS = 0.4;

    private static final double LEAD_SECONDS = 0.2;

    private final Setting setting;
    private final Conditions conditions;
    private final Vm first;
    private final Vm second;

    VisitsTrial(Setting setting, Conditions conditions) {
        this.setting = setting;
        this.conditions = conditions;
        first = vm("a", 1);
        second = vm("b", 2);
    }

    private Vm vm(String name, int number) {
        Duration runtime = Duration.ofNanos((long) (setting.period().toNanos() * SHARE));
        return new Vm(name, number, conditions.place().folder(), runtime, setting.period());
    }

    /**
     * Measures.
     *
     * @throws io.ringfence.bench.peer.PeerException if this host refuses; says why
     */
    Round run() throws InterruptedException {
        RingfenceFile file = conditions.file(MTU).vm(first).vm(second);
        try (RingfenceProcess process = conditions.start(file, setting.jvmOptions());
                TrafficProcess generator = conditions.attach(
                        List.of(first.sendingTo(second.number()), second.sendingTo(first.number())))) {
            new WarmUp(generator, Math.min(WARM_UP_SECONDS, conditions.seconds()), process.pid())
                    .untilCompiled(Stream.of(Load.values())
                            .<Supplier<List<Assignment>>>map(load -> load::assignments)
                            .toList());
            List<Cell> cells = new ArrayList<>();
            for (Load load : Load.values()) {
                cells.add(cell(process, generator, load));
            }
            return new Round(cells);
        }
    }

    private Cell cell(RingfenceProcess process, TrafficProcess generator, Load load) {
        generator.run(RunPlan.of(0, LEAD_SECONDS, load.assignments()));
        Carried carried = Carried.measure(
                generator, RunPlan.of(0, conditions.seconds(), load.assignments()), process::workerNanos);
        Report.Flow timed = carried.report().from(first.name());
        return new Cell(
                load,
                carried.perSecond(),
                carried.cpuNanosPerFrame(),
                timed.histogram(),
                timed.counts(),
                carried.report().disturbances());
    }
}

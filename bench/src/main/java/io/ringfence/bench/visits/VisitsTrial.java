package io.ringfence.bench.visits;

import io.ringfence.bench.host.BenchmarkCpus;
import io.ringfence.bench.host.Compilers;
import io.ringfence.bench.host.ProcessCpuTime;
import io.ringfence.bench.peer.RingfenceFile;
import io.ringfence.bench.peer.RingfenceProcess;
import io.ringfence.bench.traffic.Carried;
import io.ringfence.bench.traffic.Endpoint;
import io.ringfence.bench.traffic.RunPlan;
import io.ringfence.bench.traffic.TrafficProcess;
import io.ringfence.bench.visits.VisitsResult.Cell;
import io.ringfence.bench.visits.VisitsResult.Round;
import io.ringfence.config.MacAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;

/** One round of one setting: Ringfence started with it, measured under every load, and ended. */
final class VisitsTrial {
    /** Of the CPU, for each of the two VMs. */
    static final double SHARE = 0.44;

    private static final List<String> NAMES = List.of("a", "b");
    private static final List<String> MACS = List.of("52:54:00:00:00:01", "52:54:00:00:00:02");
    private static final int MTU = 1500;
    private static final String WORKERS = "worker-";
    private static final Duration START_LIMIT = Duration.ofSeconds(60);
    private static final int WARM_UPS = 2;
    /** At most: no longer than the runs themselves, of which short ones only show that all of it works. */
    private static final double WARM_UP_SECONDS = 0.4;

    private static final double LEAD_SECONDS = 0.2;

    private final Setting setting;
    private final Options options;
    private final Path folder;

    /**
     * Where and how long.
     *
     * @param rung of the scheduling ladder, no other
     */
    record Options(BenchmarkCpus cpus, double seconds, String rung) {}

    /** @param folder for the sockets */
    VisitsTrial(Setting setting, Options options, Path folder) {
        this.setting = setting;
        this.options = options;
        this.folder = folder;
    }

    /**
     * Measures.
     *
     * @throws io.ringfence.bench.peer.PeerException if this host refuses; says why
     */
    Round run() throws InterruptedException {
        try (RingfenceProcess process = start();
                TrafficProcess generator = TrafficProcess.startOn(options.cpus().load(), endpoints())) {
            Compilers compilers = new Compilers(process.pid(), generator.pid());
            for (int i = 0; i < WARM_UPS; i++) {
                for (Load load : Load.values()) {
                    generator.run(RunPlan.of(0, Math.min(WARM_UP_SECONDS, options.seconds()), load.assignments()));
                    compilers.awaitRest();
                }
            }
            List<Cell> cells = new ArrayList<>();
            for (Load load : Load.values()) {
                cells.add(cell(process, generator, load));
            }
            return new Round(cells);
        }
    }

    private RingfenceProcess start() {
        RingfenceFile file =
                RingfenceFile.forCpu(options.cpus().dataplane(), MTU).scheduling(options.rung());
        Duration runtime = Duration.ofNanos((long) (setting.period().toNanos() * SHARE));
        for (int i = 0; i < NAMES.size(); i++) {
            file.vm(NAMES.get(i), socket(i), RingfenceFile.Role.SERVER, "blue", MACS.get(i), runtime, setting.period());
        }
        return RingfenceProcess.startOnRung(
                options.rung(), folder, setting.jvmOptions(), List.of(), file.text(), START_LIMIT);
    }

    private Path socket(int vm) {
        return folder.resolve(NAMES.get(vm) + ".sock");
    }

    private List<Endpoint> endpoints() {
        return IntStream.range(0, NAMES.size())
                .mapToObj(vm -> new Endpoint(
                        NAMES.get(vm), MacAddress.parse(MACS.get(vm)), MacAddress.parse(MACS.get(vm ^ 1)), socket(vm)))
                .toList();
    }

    private Cell cell(RingfenceProcess process, TrafficProcess generator, Load load) {
        generator.run(RunPlan.of(0, LEAD_SECONDS, load.assignments()));
        Carried carried = Carried.measure(
                generator,
                RunPlan.of(0, options.seconds(), load.assignments()),
                () -> ProcessCpuTime.nanos(process.pid(), WORKERS));
        Histogram latencies = carried.report().from(NAMES.getFirst()).histogram();
        return new Cell(
                load,
                carried.perSecond(),
                carried.cpuNanosPerFrame(),
                latencies.getValueAtPercentile(50) / 1e3,
                latencies.getValueAtPercentile(99) / 1e3,
                carried.report().disturbances());
    }
}

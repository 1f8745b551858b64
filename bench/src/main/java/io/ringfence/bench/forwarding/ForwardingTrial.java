package io.ringfence.bench.forwarding;

import io.ringfence.bench.forwarding.ForwardingResult.AtPartLoad;
import io.ringfence.bench.forwarding.ForwardingResult.Cell;
import io.ringfence.bench.host.Compilers;
import io.ringfence.bench.host.ProcessCpuTime;
import io.ringfence.bench.host.StealTime;
import io.ringfence.bench.peer.PacketCounts;
import io.ringfence.bench.peer.SwitchProcess;
import io.ringfence.bench.peer.Testpmd;
import io.ringfence.bench.peer.Vdev;
import io.ringfence.bench.traffic.Assignment;
import io.ringfence.bench.traffic.Endpoint;
import io.ringfence.bench.traffic.FlowCounts;
import io.ringfence.bench.traffic.LargeFrame;
import io.ringfence.bench.traffic.Report;
import io.ringfence.bench.traffic.Role;
import io.ringfence.bench.traffic.RunPlan;
import io.ringfence.bench.traffic.TrafficProcess;
import io.ringfence.config.MacAddress;
import io.ringfence.vhostuser.frontend.QueueOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** One round of one system: started, measured under every load with frames of every length, and ended. */
final class ForwardingTrial {
    private static final String[] SOCKETS = {"a.sock", "b.sock"};
    private static final String[] MACS = {"52:54:00:00:00:01", "52:54:00:00:00:02"};
    /** As large as those of the virtio-user ports. */
    private static final int QUEUE_SIZE = 1024;

    /** 30 bursts of 32 frames are what fits a ring of 1024. */
    private static final int WINDOW_BURSTS = 30;

    private static final int WARM_UPS = 3;
    private static final double WARM_UP_SECONDS = 0.4;
    /** More than any measures singly, so that what then differs is compiled too. */
    private static final int WARM_UP_PER_SECOND = 2_000_000;

    private static final int[] PERCENT_OF_CARRIED = {10, 50, 90};

    private final Options options;
    private final Contender.Place place;

    /**
     * What is to be measured.
     *
     * @param latency whether latency is measured too, at parts of what was carried one way
     */
    record Options(double seconds, List<Integer> lengths, boolean latency) {
        Options {
            lengths = List.copyOf(lengths);
        }

        boolean largeFrames() {
            return lengths.contains(LargeFrame.LENGTH_BYTES);
        }

        List<Integer> plainLengths() {
            return lengths.stream()
                    .filter(length -> length != LargeFrame.LENGTH_BYTES)
                    .toList();
        }
    }

    ForwardingTrial(Options options, Contender.Place place) {
        this.options = options;
        this.place = place;
    }

    /** Measures a system. */
    List<Cell> run(Candidate candidate) throws Exception {
        try {
            List<Vdev.VirtioUser> guests = new ArrayList<>();
            for (int i = 0; i < SOCKETS.length; i++) {
                guests.add(Vdev.VirtioUser.at(place.folder().resolve(SOCKETS[i]), MACS[i])
                        .withPacked(candidate.rings() == Rings.PACKED));
            }
            List<Cell> cells = new ArrayList<>();
            if (!options.plainLengths().isEmpty()) {
                runPlain(candidate, guests, cells);
                removeSockets();
            }
            if (options.largeFrames()
                    && candidate.system().largeFramesObstacle().isEmpty()) {
                runLarge(candidate, guests, cells);
            }
            return cells;
        } finally {
            removeSockets();
        }
    }

    private void runPlain(Candidate candidate, List<Vdev.VirtioUser> guests, List<Cell> cells) throws Exception {
        try (SwitchProcess running = candidate.system().start(guests, place, false)) {
            try (TrafficProcess generator = TrafficProcess.startOn(place.loadCpu(), endpoints(candidate.rings()))) {
                warmUp(generator, new Compilers(running.pid(), generator.pid()), options.plainLengths());
                for (int lengthBytes : options.plainLengths()) {
                    cells.add(oneWay(running, generator, lengthBytes));
                    cells.add(twoWays(running, generator, lengthBytes));
                }
            }
            try (Testpmd frontEnds = Testpmd.start(place.memory(), place.loadCpu(), guests, Contender.START_LIMIT)) {
                for (int lengthBytes : options.plainLengths()) {
                    cells.add(closedLoop(running, frontEnds, lengthBytes));
                }
            }
        }
    }

    /** By the generator only: testpmd's front-ends do not send such frames. */
    private void runLarge(Candidate candidate, List<Vdev.VirtioUser> guests, List<Cell> cells) throws Exception {
        List<Endpoint> endpoints = endpoints(candidate.rings()).stream()
                .map(Endpoint::withLargeFrames)
                .map(endpoint -> candidate.system().connectsForLargeFrames() ? endpoint.withListening() : endpoint)
                .toList();
        try (SwitchProcess running = candidate.system().start(guests, place, true);
                TrafficProcess generator = TrafficProcess.startOn(place.loadCpu(), endpoints)) {
            warmUp(generator, new Compilers(running.pid(), generator.pid()), List.of(LargeFrame.LENGTH_BYTES));
            cells.add(oneWay(running, generator, LargeFrame.LENGTH_BYTES));
            cells.add(twoWays(running, generator, LargeFrame.LENGTH_BYTES));
        }
    }

    private List<Endpoint> endpoints(Rings rings) {
        MacAddress a = MacAddress.parse(MACS[0]);
        MacAddress b = MacAddress.parse(MACS[1]);
        QueueOptions queue = QueueOptions.ofSize(QUEUE_SIZE);
        List<Endpoint> split = List.of(
                new Endpoint("a", a, b, place.folder().resolve(SOCKETS[0]))
                        .withReceive(queue)
                        .withTransmit(queue),
                new Endpoint("b", b, a, place.folder().resolve(SOCKETS[1]))
                        .withReceive(queue)
                        .withTransmit(queue));
        return rings == Rings.PACKED
                ? split.stream().map(Endpoint::withPackedRings).toList()
                : split;
    }

    /**
     * Has whatever compiles code as it runs compile it, the generator included, under every load that is measured.
     *
     * <p>The compilers keep their place: testpmd polls all the time, so what went last would never be compiled.
     */
    private void warmUp(TrafficProcess generator, Compilers compilers, List<Integer> lengths)
            throws InterruptedException {
        Assignment sink = Assignment.of(new Role.Sink());
        for (int i = 0; i < WARM_UPS; i++) {
            for (int lengthBytes : lengths) {
                Assignment flood = Assignment.of(new Role.Flood(lengthBytes));
                warmUp(generator, compilers, flood, flood);
                warmUp(generator, compilers, flood, sink);
                if (options.latency() && lengthBytes != LargeFrame.LENGTH_BYTES) {
                    Assignment stream = Assignment.of(new Role.Stream(WARM_UP_PER_SECOND, lengthBytes));
                    warmUp(generator, compilers, stream.whileObserved(), sink.whileObserved());
                }
            }
        }
    }

    private static void warmUp(TrafficProcess generator, Compilers compilers, Assignment a, Assignment b)
            throws InterruptedException {
        generator.run(RunPlan.of(0, WARM_UP_SECONDS, List.of(a, b)));
        compilers.awaitRest();
    }

    private Cell oneWay(SwitchProcess running, TrafficProcess generator, int lengthBytes) {
        Assignment sink = Assignment.of(new Role.Sink());
        Cell cell = flood(
                running,
                generator,
                Load.ONE_WAY,
                lengthBytes,
                List.of(Assignment.of(new Role.Flood(lengthBytes)), sink));
        List<AtPartLoad> latencies = new ArrayList<>();
        boolean measured = options.latency() && lengthBytes != LargeFrame.LENGTH_BYTES;
        for (int i = 0; measured && i < PERCENT_OF_CARRIED.length; i++) {
            int perSecond = (int) Math.max(1, cell.framesPerSecond() * PERCENT_OF_CARRIED[i] / 100);
            Assignment stream = Assignment.of(new Role.Stream(perSecond, lengthBytes));
            Report report = generator.run(RunPlan.of(
                    options.seconds(), options.seconds(), List.of(stream.whileObserved(), sink.whileObserved())));
            latencies.add(new AtPartLoad(PERCENT_OF_CARRIED[i], report.from("a").histogram(), report.disturbances()));
        }
        return new Cell(
                cell.load(),
                lengthBytes,
                cell.framesPerSecond(),
                cell.lostShare(),
                cell.cpuNanosPerFrame(),
                latencies,
                cell.disturbances());
    }

    private Cell twoWays(SwitchProcess running, TrafficProcess generator, int lengthBytes) {
        Assignment flood = Assignment.of(new Role.Flood(lengthBytes));
        return flood(running, generator, Load.TWO_WAYS, lengthBytes, List.of(flood, flood));
    }

    private Cell flood(
            SwitchProcess running, TrafficProcess generator, Load load, int lengthBytes, List<Assignment> assignments) {
        generator.run(RunPlan.of(0, options.seconds(), assignments));
        long cpuNanos = ProcessCpuTime.nanos(running.pid());
        long startNanos = System.nanoTime();
        Report report = generator.run(RunPlan.of(0, options.seconds(), assignments));
        double cpuPerSecond = (ProcessCpuTime.nanos(running.pid()) - cpuNanos) * 1e9 / (System.nanoTime() - startNanos);
        long sent = sum(report, true);
        long received = sum(report, false);
        double perSecond = received / report.seconds();
        return new Cell(
                load,
                lengthBytes,
                perSecond,
                sent == 0 ? 0 : (double) (sent - received) / sent,
                cpuPerSecond / perSecond,
                List.of(),
                report.disturbances());
    }

    private static long sum(Report report, boolean sent) {
        return report.flows().stream()
                .map(Report.Flow::counts)
                .mapToLong(sent ? FlowCounts::sent : FlowCounts::received)
                .sum();
    }

    /** Frames received by both ports together, in a window that is filled afresh after the warm-up. */
    private Cell closedLoop(SwitchProcess running, Testpmd frontEnds, int lengthBytes) throws InterruptedException {
        frontEnds.setFrameBytes(lengthBytes);
        frontEnds.startTxFirst(WINDOW_BURSTS);
        TimeUnit.NANOSECONDS.sleep((long) (options.seconds() * 1e9));
        frontEnds.stop();

        // Frames lost while links and code warmed up would shrink the closed loop for ever.
        frontEnds.startTxFirst(WINDOW_BURSTS);
        long stolenMillis = StealTime.readMillis();
        long startNanos = System.nanoTime();
        long cpuNanos = ProcessCpuTime.nanos(running.pid());
        long before = received(frontEnds);
        TimeUnit.NANOSECONDS.sleep((long) (options.seconds() * 1e9));
        long frames = received(frontEnds) - before;
        double usedNanos = ProcessCpuTime.nanos(running.pid()) - cpuNanos;
        long elapsedNanos = System.nanoTime() - startNanos;
        long stolen = StealTime.readMillis() - stolenMillis;
        frontEnds.stop();
        return new Cell(
                Load.CLOSED_LOOP,
                lengthBytes,
                frames * 1e9 / elapsedNanos,
                -1,
                usedNanos / Math.max(1, frames),
                List.of(),
                stolen == 0 ? List.of() : List.of("the hypervisor took CPUs away for %d ms".formatted(stolen)));
    }

    private static long received(Testpmd frontEnds) {
        return frontEnds.portStats().stream()
                .reduce(PacketCounts.NONE, PacketCounts::plus)
                .received();
    }

    /** DPDK does not listen on a socket file that it finds. */
    private void removeSockets() throws IOException {
        for (String name : SOCKETS) {
            Files.deleteIfExists(place.folder().resolve(name));
        }
    }
}

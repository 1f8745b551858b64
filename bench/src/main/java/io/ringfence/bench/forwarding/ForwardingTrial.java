package io.ringfence.bench.forwarding;

import io.ringfence.bench.forwarding.ForwardingResult.Cell;
import io.ringfence.bench.host.ProcessCpuTime;
import io.ringfence.bench.host.StealTime;
import io.ringfence.bench.peer.PacketCounts;
import io.ringfence.bench.peer.Place;
import io.ringfence.bench.peer.SwitchProcess;
import io.ringfence.bench.peer.Testpmd;
import io.ringfence.bench.traffic.Assignment;
import io.ringfence.bench.traffic.Carried;
import io.ringfence.bench.traffic.Endpoint;
import io.ringfence.bench.traffic.LargeFrame;
import io.ringfence.bench.traffic.Role;
import io.ringfence.bench.traffic.RunPlan;
import io.ringfence.bench.traffic.TrafficProcess;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** One round of one system: started, measured under every load with frames of every length, and ended. */
final class ForwardingTrial {
    /** 30 bursts of 32 frames are what fits a ring of 1024. */
    private static final int WINDOW_BURSTS = 30;

    private final Options options;
    private final Place place;

    /**
     * What is to be measured.
     *
     * @param seconds each time, after as long a warm-up
     */
    record Options(double seconds, List<Integer> lengths) {
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

    ForwardingTrial(Options options, Place place) {
        this.options = options;
        this.place = place;
    }

    /** Measures a system. */
    List<Cell> run(Candidate candidate) throws Exception {
        Guests guests = Guests.at(place, candidate.rings());
        try {
            List<Cell> cells = new ArrayList<>();
            if (!options.plainLengths().isEmpty()) {
                runPlain(candidate.system(), guests, cells);
                guests.removeSockets();
            }
            if (options.largeFrames()
                    && candidate.system().largeFramesObstacle().isEmpty()) {
                runLarge(candidate.system(), guests, cells);
            }
            return cells;
        } finally {
            guests.removeSockets();
        }
    }

    private void runPlain(Contender system, Guests guests, List<Cell> cells) throws Exception {
        try (SwitchProcess running = system.start(guests, place, false)) {
            try (TrafficProcess generator = TrafficProcess.startOn(place.loadCpu(), guests.endpoints())) {
                new Preparation(running, generator).byFloods(options.plainLengths());
                for (int lengthBytes : options.plainLengths()) {
                    cells.add(oneWay(running, generator, lengthBytes));
                    cells.add(twoWays(running, generator, lengthBytes));
                }
            }
            try (Testpmd frontEnds =
                    Testpmd.start(place.hugepages(), place.loadCpu(), guests.devices(), Contender.START_LIMIT)) {
                for (int lengthBytes : options.plainLengths()) {
                    cells.add(closedLoop(running, frontEnds, lengthBytes));
                }
            }
        }
    }

    /** By the generator only: testpmd's front-ends do not send such frames. */
    private void runLarge(Contender system, Guests guests, List<Cell> cells) throws Exception {
        List<Endpoint> endpoints = guests.endpoints().stream()
                .map(Endpoint::withLargeFrames)
                .map(endpoint -> system.connectsForLargeFrames() ? endpoint.withListening() : endpoint)
                .toList();
        try (SwitchProcess running = system.start(guests, place, true);
                TrafficProcess generator = TrafficProcess.startOn(place.loadCpu(), endpoints)) {
            new Preparation(running, generator).byFloods(List.of(LargeFrame.LENGTH_BYTES));
            cells.add(oneWay(running, generator, LargeFrame.LENGTH_BYTES));
            cells.add(twoWays(running, generator, LargeFrame.LENGTH_BYTES));
        }
    }

    private Cell oneWay(SwitchProcess running, TrafficProcess generator, int lengthBytes) {
        Assignment flood = Assignment.of(new Role.Flood(lengthBytes));
        Assignment sink = Assignment.of(new Role.Sink());
        return flood(running, generator, Load.ONE_WAY, lengthBytes, List.of(flood, sink));
    }

    private Cell twoWays(SwitchProcess running, TrafficProcess generator, int lengthBytes) {
        Assignment flood = Assignment.of(new Role.Flood(lengthBytes));
        return flood(running, generator, Load.TWO_WAYS, lengthBytes, List.of(flood, flood));
    }

    private Cell flood(
            SwitchProcess running, TrafficProcess generator, Load load, int lengthBytes, List<Assignment> assignments) {
        generator.run(RunPlan.of(0, options.seconds(), assignments));
        Carried carried = Carried.measure(
                generator, RunPlan.of(0, options.seconds(), assignments), () -> ProcessCpuTime.nanos(running.pid()));
        return new Cell(
                load,
                lengthBytes,
                carried.perSecond(),
                carried.lostShare(),
                carried.cpuNanosPerFrame(),
                carried.report().disturbances());
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
                stolen == 0 ? List.of() : List.of("the hypervisor took CPUs away for %d ms".formatted(stolen)));
    }

    private static long received(Testpmd frontEnds) {
        return frontEnds.portStats().stream()
                .reduce(PacketCounts.NONE, PacketCounts::plus)
                .received();
    }
}

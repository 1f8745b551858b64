package io.ringfence.bench;

import io.ringfence.bench.peer.Hugepages;
import io.ringfence.bench.peer.PacketCounts;
import io.ringfence.bench.peer.RingfenceFile;
import io.ringfence.bench.peer.RingfenceFile.Role;
import io.ringfence.bench.peer.RingfenceProcess;
import io.ringfence.bench.peer.Testpmd;
import io.ringfence.bench.peer.Vdev;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * Frames per second between two DPDK front-ends, through DPDK's vhost switch and through Ringfence in turn.
 *
 * <p>The front-ends forward on CPU 0 in a closed loop; the switch has CPU 1. Figures compare only within one run: the machine's
 * speed drifts, so the systems alternate and the median of the rounds counts.
 */
public final class Forwarding {
    private static final Duration START_LIMIT = Duration.ofSeconds(30);
    private static final Duration WARM_UP = Duration.ofSeconds(5);
    private static final Duration MEASURED = Duration.ofSeconds(8);
    private static final Duration RUNTIME = Duration.ofNanos(440_000);
    private static final Duration PERIOD = Duration.ofMillis(1);
    /** 30 bursts of 32 frames are what fits a ring of 1024. */
    private static final int WINDOW_BURSTS = 30;
    /** So that frames of 1518 bytes, without frame check sequence, pass. */
    private static final int MTU = 1504;

    private final Path root;
    private final Hugepages memory;
    private final PrintStream out;

    private Forwarding(Path root, Hugepages memory, PrintStream out) {
        this.root = root;
        this.memory = memory;
        this.out = out;
    }

    /**
     * Runs the benchmark; needs root, DPDK and two CPUs.
     *
     * @param arguments the folder of the launcher, and the number of rounds for each frame length (5 if missing)
     */
    public static void main(String[] arguments) throws IOException {
        Path root = Path.of(arguments.length > 0 ? arguments[0] : ".").toAbsolutePath();
        int rounds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 5;
        try (var memory = Hugepages.ofAtLeast(1024)) {
            var forwarding = new Forwarding(root, memory, System.out);
            for (int frameBytes : new int[] {64, 1518}) {
                forwarding.compare(frameBytes, rounds);
            }
        }
    }

    private void compare(int frameBytes, int rounds) throws IOException {
        var dpdk = new ArrayList<Double>();
        var ringfence = new ArrayList<Double>();
        for (int round = 1; round <= rounds; round++) {
            dpdk.add(throughDpdk(frameBytes));
            ringfence.add(throughRingfence(frameBytes));
            out.printf(
                    "%4d B round %d: DPDK vhost %.2f Mpps, Ringfence %.2f Mpps, ratio %.2f%n",
                    frameBytes, round, dpdk.getLast(), ringfence.getLast(), ringfence.getLast() / dpdk.getLast());
        }
        var left = Spread.of(dpdk);
        var right = Spread.of(ringfence);
        out.printf(
                "%4d B median [range]: DPDK vhost %s Mpps, Ringfence %s Mpps, ratio of medians %.2f%n",
                frameBytes, left, right, right.median() / left.median());
    }

    private double throughDpdk(int frameBytes) throws IOException {
        Path folder = Files.createTempDirectory("rf-forwarding");
        var devices = devices(folder);
        var ports =
                devices.stream().map(device -> Vdev.Vhost.at(device.socket())).toList();
        try (var pmd = Testpmd.start(memory, 1, ports, START_LIMIT)) {
            pmd.start();
            return megaPacketsPerSecond(devices, frameBytes);
        } finally {
            remove(folder);
        }
    }

    private double throughRingfence(int frameBytes) throws IOException {
        Path folder = Files.createTempDirectory("rf-forwarding");
        var devices = devices(folder);
        var file = RingfenceFile.forCpu(1, MTU);
        for (var device : devices) {
            String name = device.socket().getFileName().toString().replace(".sock", "");
            file.vm(name, device.socket(), Role.SERVER, "blue", device.mac(), RUNTIME, PERIOD);
        }
        try (var ringfence = RingfenceProcess.start(root, file.text(), START_LIMIT)) {
            double rate = megaPacketsPerSecond(devices, frameBytes);
            if (!ringfence.isAlive()) {
                throw new IllegalStateException("Ringfence ended during a round; it printed:\n" + ringfence.output());
            }
            return rate;
        } finally {
            remove(folder);
        }
    }

    private static List<Vdev.VirtioUser> devices(Path folder) {
        return List.of(
                Vdev.VirtioUser.at(folder.resolve("a.sock"), "52:54:00:00:00:01"),
                Vdev.VirtioUser.at(folder.resolve("b.sock"), "52:54:00:00:00:02"));
    }

    /** Frames received by both ports together, in a window that is filled afresh after the warm-up. */
    private double megaPacketsPerSecond(List<Vdev.VirtioUser> devices, int frameBytes) {
        try (var frontEnds = Testpmd.start(memory, 0, devices, START_LIMIT)) {
            frontEnds.setFrameBytes(frameBytes);
            frontEnds.startTxFirst(WINDOW_BURSTS);
            LockSupport.parkNanos(WARM_UP.toNanos());
            frontEnds.stop();

            // Frames lost while links and code warmed up would shrink the closed loop for ever.
            frontEnds.startTxFirst(WINDOW_BURSTS);
            long startNanos = System.nanoTime();
            long before = received(frontEnds);
            LockSupport.parkNanos(MEASURED.toNanos());
            long after = received(frontEnds);
            long elapsedNanos = System.nanoTime() - startNanos;
            frontEnds.stop();
            return (after - before) * 1e3 / elapsedNanos;
        }
    }

    private static long received(Testpmd frontEnds) {
        return frontEnds.portStats().stream()
                .reduce(PacketCounts.NONE, PacketCounts::plus)
                .received();
    }

    private static void remove(Path folder) throws IOException {
        for (String name : new String[] {"a.sock", "b.sock"}) {
            Files.deleteIfExists(folder.resolve(name));
        }
        Files.delete(folder);
    }

    /** The middle and the ends of some figures. */
    private record Spread(double least, double median, double greatest) {
        static Spread of(List<Double> figures) {
            var sorted = figures.stream().sorted().toList();
            int middle = sorted.size() / 2;
            double median =
                    sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
            return new Spread(sorted.getFirst(), median, sorted.getLast());
        }

        @Override
        public String toString() {
            return "%.2f [%.2f–%.2f]".formatted(median, least, greatest);
        }
    }
}

package io.ringfence.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.bench.host.ProcessCpuTime;
import io.ringfence.bench.peer.LinuxBridge;
import io.ringfence.bench.peer.Peer;
import io.ringfence.bench.peer.SwitchProcess;
import io.ringfence.bench.traffic.TrafficProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Linux bridge as benchmarks use it: it carries what is sent, costs nothing when idle, and leaves nothing behind. */
@RequiresPeers(Peer.LINUX_BRIDGE)
class LinuxBridgeIT {
    private static final Duration START_LIMIT = Duration.ofSeconds(30);
    private static final int MTU = 1504;

    @TempDir
    private Path folder;

    private Stations stations;

    @BeforeEach
    void create() {
        stations = Stations.of(folder, 3);
    }

    private SwitchProcess start() {
        return LinuxBridge.start(1, stations.sockets(), MTU, START_LIMIT);
    }

    private TrafficProcess generator() {
        return TrafficProcess.start(stations.endpoints(), TrafficProcess.Idling.YIELD);
    }

    @Test
    void shouldCarryFramesToTheirReceiversAndLeaveNothingBehind() throws Exception {
        Path namespace;
        try (SwitchProcess bridge = start()) {
            namespace = namespace(Long.toString(bridge.pid()));
            assertThat(namespace).as("its own network").isNotEqualTo(namespace("self"));
            for (int session = 0; session < 2; session++) {
                try (TrafficProcess generator = generator()) {
                    stations.shouldDeliverToTheReceiverAndNobodyElse(generator);
                }
            }
        }
        assertThat(folder).isEmptyDirectory();
        shouldBeGone(namespace);
    }

    @Test
    void shouldLeaveNoNetworkBehindWhenItIsKilled() throws Exception {
        try (SwitchProcess bridge = start()) {
            Path namespace = namespace(Long.toString(bridge.pid()));
            ProcessHandle process = ProcessHandle.of(bridge.pid()).orElseThrow();
            process.destroyForcibly();
            process.onExit().get(10, TimeUnit.SECONDS);

            shouldBeGone(namespace);
        }
    }

    @Test
    void shouldUseNoCpuTimeWhenNobodySends() throws Exception {
        try (SwitchProcess bridge = start();
                TrafficProcess generator = generator()) {
            assertThat(stations.flood(generator, 0, 64).received()).isPositive();
            // What the JVM compiles after a flood is over soon.
            long used = usedInASecond(bridge);
            for (int i = 0; i < 10 && used > 20_000_000; i++) {
                used = usedInASecond(bridge);
            }
            assertThat(used).as("nanoseconds of CPU time in a second").isLessThan(20_000_000);
        }
    }

    private static long usedInASecond(SwitchProcess bridge) throws InterruptedException {
        long before = ProcessCpuTime.nanos(bridge.pid());
        TimeUnit.SECONDS.sleep(1);
        return ProcessCpuTime.nanos(bridge.pid()) - before;
    }

    private static Path namespace(String process) throws Exception {
        return Files.readSymbolicLink(Path.of("/proc", process, "ns/net"));
    }

    /** A namespace without a name lives as long as a process has it. */
    private static void shouldBeGone(Path namespace) throws Exception {
        try (Stream<ProcessHandle> processes = ProcessHandle.allProcesses()) {
            assertThat(processes.map(process -> Path.of("/proc", Long.toString(process.pid()), "ns/net")))
                    .noneMatch(link -> {
                        try {
                            return Files.readSymbolicLink(link).equals(namespace);
                        } catch (IOException e) {
                            return false; // it has ended meanwhile
                        }
                    });
        }
    }
}

package io.ringfence.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.bench.peer.Hugepages;
import io.ringfence.bench.peer.OpenVswitch;
import io.ringfence.bench.peer.Peer;
import io.ringfence.bench.peer.Policing;
import io.ringfence.bench.traffic.TrafficProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Open vSwitch as benchmarks use it: it carries what is sent, polices where told, and leaves nothing behind. */
@RequiresPeers(Peer.OPEN_VSWITCH)
class OpenVswitchIT {
    private static final Duration START_LIMIT = Duration.ofSeconds(40);
    private static final int MTU = 1504;

    @TempDir
    private Path folder;

    private Hugepages memory;
    private Stations stations;

    @BeforeEach
    void reserveMemory() {
        memory = Hugepages.ofAtLeast(640);
        stations = Stations.of(folder, 3);
    }

    @AfterEach
    void releaseMemory() {
        memory.close();
    }

    private OpenVswitch start() {
        return OpenVswitch.start(new OpenVswitch.Resources(memory, 1, 0), folder, stations.sockets(), MTU, START_LIMIT);
    }

    private TrafficProcess generator() {
        return TrafficProcess.start(stations.endpoints(), TrafficProcess.Idling.YIELD);
    }

    @Test
    void shouldCarryFramesToTheirReceiversAndLeaveNothingBehind() throws Exception {
        long pid;
        try (OpenVswitch ovs = start();
                TrafficProcess generator = generator()) {
            pid = ovs.pid();
            stations.shouldDeliverToTheReceiverAndNobodyElse(generator);
        }
        assertThat(ProcessHandle.of(pid)).isEmpty();
        assertThat(folder).isEmptyDirectory();
        assertThat(Files.exists(Path.of("/sys/class/net/br"))).isFalse();
    }

    @Test
    void shouldPoliceFramesAndBitsOfThePortsThatItIsToldTo() {
        try (OpenVswitch ovs = start()) {
            ovs.police(stations.sockets().get(0), new Policing(1_000, 10_000_000));
            ovs.police(stations.sockets().get(1), new Policing(1_000_000, 10_000));
            try (TrafficProcess generator = generator()) {
                // On a busy machine it carries less than it may, never more.
                assertThat(stations.flood(generator, 0, 64).received())
                        .as("1000 frames a second")
                        .isBetween(10L, 1_100L);
                assertThat(stations.flood(generator, 1, 1514).received())
                        .as("10 Mbit/s")
                        .isBetween(10L, 1_000L);
                assertThat(stations.flood(generator, 2, 64).received())
                        .as("the port that is not policed")
                        .isGreaterThan(1_500);
            }
        }
    }
}

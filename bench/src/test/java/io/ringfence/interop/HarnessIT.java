package io.ringfence.interop;

import io.ringfence.bench.peer.Hugepages;
import io.ringfence.bench.peer.Peer;
import io.ringfence.bench.peer.Testpmd;
import io.ringfence.bench.peer.Vdev;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The control experiment: the same traffic through DPDK's own vhost switch, so that a failure elsewhere is Ringfence's. */
@RequiresPeers({Peer.TESTPMD, Peer.QEMU})
class HarnessIT {
    private static final Duration START_LIMIT = Duration.ofSeconds(30);
    private static Hugepages memory;

    @TempDir
    private Path folder;

    @BeforeAll
    static void reserveMemory() {
        memory = Hugepages.ofAtLeast(1024);
    }

    @AfterAll
    static void releaseMemory() {
        memory.close();
    }

    @ParameterizedTest
    @MethodSource("io.ringfence.interop.DpdkVariant#all")
    void shouldReceiveWhatDpdkForwards(DpdkVariant variant) {
        var devices = variant.devices(folder);
        var ports = devices.stream()
                .map(device -> new Vdev.Vhost(device.socket(), variant.frontEndListens(), variant.queuePairs()))
                .toList();
        try (var pmd = Testpmd.start(memory, 1, ports, START_LIMIT)) {
            pmd.start();
            try (var frontEnds = Testpmd.start(memory, 0, devices, START_LIMIT)) {
                Frames.shouldAccountForEach(
                        frontEnds,
                        variant.frameBytes(),
                        () -> pmd.forwardStats().transmitDropped());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldCarryTrafficOfLinuxGuestsAndResumeWhenAGuestRebootsOrDpdkIsKilled(boolean guestsListen)
            throws IOException {
        var ports = Stream.of("a.sock", "b.sock")
                .map(name -> new Vdev.Vhost(folder.resolve(name), guestsListen, 1))
                .toList();
        Path first = ports.getFirst().socket();
        Path second = ports.getLast().socket();
        var pmd = Testpmd.start(memory, 1, ports, START_LIMIT);
        try (var guests = guestsListen ? Guests.listening(first, second) : Guests.connecting(first, second)) {
            pmd.start();
            if (!guestsListen) {
                guests.shouldExchangeTraffic();
            }
            guests.shouldResumeAfterReboot();

            pmd.kill();
            if (!guestsListen) {
                // DPDK does not listen on a socket file that it finds.
                Files.delete(first);
                Files.delete(second);
            }
            pmd = Testpmd.start(memory, 1, ports, START_LIMIT);
            pmd.start();

            guests.shouldReachEachOther();
        } finally {
            pmd.close();
        }
    }
}

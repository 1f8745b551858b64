package io.ringfence.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.bench.LaunchedCommand;
import io.ringfence.bench.peer.Peer;
import io.ringfence.bench.peer.QemuGuest;
import io.ringfence.bench.peer.RingfenceFile;
import io.ringfence.bench.peer.RingfenceFile.Role;
import io.ringfence.bench.peer.RingfenceProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A QEMU guest with two queue pairs and a worker for each, and one that listens for Ringfence to connect. */
@RequiresPeers(Peer.QEMU)
class QemuQueuePairsIT {
    private static final Duration START_LIMIT = Duration.ofSeconds(30);
    private static final Duration RUNTIME = Duration.ofNanos(210_000);
    private static final Duration PERIOD = Duration.ofMillis(1);
    private static final Duration SHORT_LIMIT = Duration.ofSeconds(20);

    @TempDir
    private Path folder;

    private String configuration() {
        return RingfenceFile.forCpu(1, 1500)
                .vm("alice", socket("alice"), Role.CLIENT, "blue", Guests.FIRST_MAC, RUNTIME, PERIOD)
                .vm("bob", socket("bob"), Role.SERVER, "blue", Guests.SECOND_MAC, RUNTIME, PERIOD)
                .workers(2)
                .text();
    }

    private Path socket(String vm) {
        return folder.resolve(vm + ".sock");
    }

    @Test
    void shouldCarryTrafficByBothWorkersAlsoWhenTheGuestHasRebootedOrItWasKilled() {
        var ringfence = RingfenceProcess.start(configuration(), START_LIMIT);
        try (var guests = Guests.listeningAndSeveralQueuePairs(socket("alice"), socket("bob"), 2)) {
            assertThat(guests.second().mustRun("ethtool -l eth0", SHORT_LIMIT))
                    .as("queue pairs in use")
                    .containsPattern("(?s)Current.*Combined:\\s+2");
            guests.shouldExchangeTraffic();
            shouldHaveSentByBothWorkers(guests.second(), ringfence);
            guests.shouldResumeAfterReboot(guests.second());
            shouldHaveSentByBothWorkers(guests.second(), ringfence);

            ringfence.kill();
            ringfence = RingfenceProcess.start(LaunchedCommand.SOON_READY, List.of(), configuration(), START_LIMIT);
            guests.shouldReachEachOther();
            shouldHaveSentByBothWorkers(guests.second(), ringfence);
        } finally {
            ringfence.close();
        }
    }

    /** Linux chooses the queue by the vCPU that sends. */
    private static void shouldHaveSentByBothWorkers(QemuGuest bob, RingfenceProcess ringfence) {
        Map<String, Long> before = ringfence.counters();
        for (int cpu = 0; cpu < 2; cpu++) {
            bob.mustRun("taskset %d ping -c 3 -i 0.2 10.0.0.1".formatted(1 << cpu), SHORT_LIMIT);
        }
        Map<String, Long> after = ringfence.counters();
        assertThat(List.of("bob/0/tx-frames", "bob/1/tx-frames"))
                .allSatisfy(counter -> assertThat(after.getOrDefault(counter, 0L) - before.getOrDefault(counter, 0L))
                        .isPositive());
    }
}

package io.ringfence.interop;

import static org.assertj.core.api.Assertions.assertThat;

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

/** QEMU guests with a stock Linux kernel through Ringfence. Bob has two workers, and mostly one queue pair. */
@RequiresPeers(Peer.QEMU)
class QemuIT {
    private static final Duration START_LIMIT = Duration.ofSeconds(30);
    private static final Duration RUNTIME = Duration.ofNanos(210_000);
    private static final Duration PERIOD = Duration.ofMillis(1);
    private static final String CAROL_MAC = "52:54:00:00:00:03";

    @TempDir
    private Path folder;

    private RingfenceProcess startRingfence(Role role) {
        String file = RingfenceFile.forCpu(1, 1500)
                .vm("alice", socket("alice"), role, "blue", Guests.FIRST_MAC, RUNTIME, PERIOD)
                .vm("bob", socket("bob"), role, "blue", Guests.SECOND_MAC, RUNTIME, PERIOD)
                .workers(2)
                .vm("carol", socket("carol"), role, "green", CAROL_MAC, RUNTIME, PERIOD)
                .text();
        return RingfenceProcess.start(Launcher.ROOT, file, START_LIMIT);
    }

    private Path socket(String vm) {
        return folder.resolve(vm + ".sock");
    }

    @Test
    void shouldCarryTrafficOfANetworkShowNoneOfItToAnotherAndResumeWhenAGuestRebootsOrRingfenceIsKilled() {
        var options = QemuGuest.Options.connecting("carol", socket("carol"), CAROL_MAC, "10.0.0.3/24");
        var ringfence = startRingfence(Role.SERVER);
        try (var carol = QemuGuest.start(Guests.image(), options);
                var guests = Guests.connecting(socket("alice"), socket("bob"))) {
            carol.awaitReady(Guests.BOOT_LIMIT);

            guests.shouldExchangeTraffic();

            assertThat(carol.reaches(guests.first().options().host(), Duration.ofSeconds(2)))
                    .as("carol, on another network, reaches alice")
                    .isFalse();
            assertThat(carol.receivedFrames())
                    .as("frames that carol has received")
                    .isZero();
            assertThat(ringfence.isAlive()).isTrue();

            guests.shouldResumeAfterReboot();

            ringfence.kill();
            ringfence = startRingfence(Role.SERVER);

            guests.shouldReachEachOther();
        } finally {
            ringfence.close();
        }
    }

    @Test
    void shouldCarryTrafficOfAGuestByBothOfItsWorkersAlsoAfterReboot() {
        var ringfence = startRingfence(Role.SERVER);
        try (var guests = Guests.oneAndSeveralQueuePairs(socket("alice"), socket("bob"), 2)) {
            assertThat(guests.second().mustRun("ethtool -l eth0", Duration.ofSeconds(20)))
                    .as("queue pairs in use")
                    .containsPattern("(?s)Current.*Combined:\\s+2");
            guests.shouldExchangeTraffic();
            shouldHaveSentByBothWorkers(guests.second(), ringfence);
            guests.shouldResumeAfterReboot();
            shouldHaveSentByBothWorkers(guests.second(), ringfence);

            ringfence.kill();
            ringfence = startRingfence(Role.SERVER);
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
            bob.mustRun("taskset %d ping -c 3 -i 0.2 10.0.0.1".formatted(1 << cpu), Duration.ofSeconds(20));
        }
        Map<String, Long> after = ringfence.counters();
        assertThat(List.of("bob/0/tx-frames", "bob/1/tx-frames"))
                .allSatisfy(counter -> assertThat(after.getOrDefault(counter, 0L) - before.getOrDefault(counter, 0L))
                        .isPositive());
    }

    /** When Ringfence is started anew, QEMU says that packed queues start at the beginning, whatever was done before. */
    @Test
    void shouldCarryTrafficOfSplitAndPackedQueuesAndResumeWhenRingfenceIsKilledOrRestartedOrTheGuestReboots() {
        var ringfence = startRingfence(Role.SERVER);
        try (var guests = Guests.splitAndPacked(socket("alice"), socket("bob"))) {
            // Bit 34 of the features that the guest's driver has accepted, the lowest first.
            assertThat(guests.second().mustRun("cut -c 35 /sys/class/net/*/device/features", Duration.ofSeconds(20)))
                    .as("RING_PACKED")
                    .contains("1");
            guests.shouldExchangeTraffic();
            guests.shouldResumeAfterReboot();
            assertThat(ringfence.isAlive()).isTrue();

            guests.second().mustRun("ping -q -i 0.002 10.0.0.1 >/dev/null 2>&1 &", Duration.ofSeconds(20));

            for (int times = 0; times < 3; times++) {
                ringfence.kill();
                ringfence = startRingfence(Role.SERVER);
                guests.shouldReachEachOther();
            }
            ringfence.terminate();
            ringfence = startRingfence(Role.SERVER);
            guests.shouldExchangeTraffic();

            ringfence.kill();
            guests.second().reboot(Guests.BOOT_LIMIT);
            ringfence = startRingfence(Role.SERVER);
            guests.shouldReachEachOther();
            assertThat(ringfence.output()).doesNotContain("stopped");
        } finally {
            ringfence.close();
        }
    }

    @Test
    void shouldResumeWhenItIsKilledAndTheGuestsListen() {
        var ringfence = startRingfence(Role.CLIENT);
        try (var guests = Guests.listening(socket("alice"), socket("bob"))) {
            guests.shouldReachEachOther();

            ringfence.kill();
            ringfence = startRingfence(Role.CLIENT);

            guests.shouldReachEachOther();
        } finally {
            ringfence.close();
        }
    }

    @Test
    void shouldEndWithinTwoSecondsWhenTerminated() {
        try (var ringfence = startRingfence(Role.SERVER)) {
            long startNanos = System.nanoTime();

            int exitCode = ringfence.terminate();

            assertThat(exitCode).isZero();
            assertThat(Duration.ofNanos(System.nanoTime() - startNanos)).isLessThan(Duration.ofSeconds(2));
        }
    }
}

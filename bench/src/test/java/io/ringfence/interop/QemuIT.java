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
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * QEMU guests with a stock Linux kernel through Ringfence, Bob with packed virtqueues and two workers of which he uses one. They
 * are booted once: whatever happens to one of them or to Ringfence, the others are to go on, and can be met in the next test.
 */
@RequiresPeers(Peer.QEMU)
class QemuIT {
    private static final Duration START_LIMIT = Duration.ofSeconds(30);
    private static final Duration RUNTIME = Duration.ofNanos(210_000);
    private static final Duration PERIOD = Duration.ofMillis(1);
    private static final String CAROL_MAC = "52:54:00:00:00:03";
    private static final Duration SHORT_LIMIT = Duration.ofSeconds(20);

    @TempDir
    private static Path folder;

    private static RingfenceProcess ringfence;
    private static Guests guests;
    private static QemuGuest carol;

    private static String configuration() {
        return RingfenceFile.forCpu(1, 1500)
                .vm("alice", socket("alice"), Role.SERVER, "blue", Guests.FIRST_MAC, RUNTIME, PERIOD)
                .vm("bob", socket("bob"), Role.SERVER, "blue", Guests.SECOND_MAC, RUNTIME, PERIOD)
                .workers(2)
                .vm("carol", socket("carol"), Role.SERVER, "green", CAROL_MAC, RUNTIME, PERIOD)
                .text();
    }

    private static Path socket(String vm) {
        return folder.resolve(vm + ".sock");
    }

    private static RingfenceProcess start() {
        return RingfenceProcess.start(Launcher.ROOT, configuration(), START_LIMIT);
    }

    /** For guests that will do no more than reach each other. */
    private static RingfenceProcess startSoon() {
        return RingfenceProcess.start(LaunchedCommand.SOON_READY, List.of(), configuration(), START_LIMIT);
    }

    @BeforeAll
    static void boot() {
        ringfence = start();
        var options = QemuGuest.Options.connecting("carol", socket("carol"), CAROL_MAC, "10.0.0.3/24");
        carol = QemuGuest.start(Guests.image(), options);
        guests = Guests.splitAndPacked(socket("alice"), socket("bob"));
        carol.awaitReady(Guests.BOOT_LIMIT);
    }

    @AfterAll
    static void stop() throws Exception {
        // JUnit calls this also when boot() has failed half-way.
        for (AutoCloseable started : Stream.<AutoCloseable>of(guests, carol, ringfence)
                .filter(Objects::nonNull)
                .toList()) {
            started.close();
        }
    }

    @BeforeEach
    void restartWhatATestHasLeftKilled() {
        if (!ringfence.isAlive()) {
            ringfence = start();
        }
    }

    @Test
    void shouldCarryTrafficOfSplitAndPackedQueuesAndShowNoneOfItToAnotherNetwork() {
        // Bit 34 of the features that the guest's driver has accepted, the lowest first.
        assertThat(guests.second().mustRun("cut -c 35 /sys/class/net/*/device/features", SHORT_LIMIT))
                .as("RING_PACKED")
                .contains("1");

        guests.shouldExchangeTraffic();

        assertThat(carol.reaches(guests.first().options().host(), Duration.ofSeconds(2)))
                .as("carol, on another network, reaches alice")
                .isFalse();
        assertThat(carol.receivedFrames()).as("frames that carol has received").isZero();
        assertThat(ringfence.isAlive()).isTrue();
    }

    @Test
    void shouldResumeWhenAGuestReboots() {
        guests.shouldResumeAfterReboot(guests.second());
        guests.shouldResumeAfterReboot(guests.first());
        assertThat(ringfence.isAlive()).isTrue();
    }

    /** When Ringfence is started anew, QEMU says that packed queues start at the beginning, whatever was done before. */
    @Test
    void shouldResumeWhenItIsKilledInTheMiddleOfTraffic() {
        guests.shouldReachEachOther();
        guests.second().mustRun("ping -q -i 0.002 10.0.0.1 >/dev/null 2>&1 &", SHORT_LIMIT);
        for (int times = 0; times < 3; times++) {
            ringfence.kill();
            ringfence = startSoon();
            guests.shouldReachEachOther();
        }
        guests.second().mustRun("killall ping", SHORT_LIMIT);
        assertThat(ringfence.output()).doesNotContain("stopped");
    }

    @Test
    void shouldEndWithinTwoSecondsAndResumeWhenItIsTerminated() {
        long startNanos = System.nanoTime();
        assertThat(ringfence.terminate()).isZero();
        assertThat(Duration.ofNanos(System.nanoTime() - startNanos)).isLessThan(Duration.ofSeconds(2));
        ringfence = start();

        guests.shouldExchangeTraffic();
        assertThat(ringfence.output()).doesNotContain("stopped");
    }

    @Test
    void shouldResumeWhenAGuestRebootsWhileItIsAway() {
        guests.shouldReachEachOther();
        ringfence.kill();
        guests.second().reboot(Guests.BOOT_LIMIT);
        ringfence = startSoon();

        guests.shouldReachEachOther();
        assertThat(ringfence.output()).doesNotContain("stopped");
    }
}

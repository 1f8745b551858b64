package io.ringfence.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.bench.peer.GuestImage;
import io.ringfence.bench.peer.QemuGuest;
import java.nio.file.Path;
import java.time.Duration;

/** Two Linux guests on one network, and what they should be able to do. */
record Guests(QemuGuest first, QemuGuest second) implements AutoCloseable {
    static final Duration BOOT_LIMIT = Duration.ofMinutes(3);
    private static final Duration TRANSFER_LIMIT = Duration.ofMinutes(2);
    private static final Duration PING_LIMIT = Duration.ofSeconds(20);
    static final String FIRST_MAC = "52:54:00:00:00:01";
    static final String SECOND_MAC = "52:54:00:00:00:02";

    /** The image that all interop tests boot, built once per checkout. */
    static GuestImage image() {
        return GuestImage.in(Launcher.ROOT.resolve("bench/target/guest"));
    }

    /** Two guests that connect to the sockets of a switch, booted, of which the second one has packed virtqueues. */
    static Guests splitAndPacked(Path firstSocket, Path secondSocket) {
        return boot(
                QemuGuest.Options.connecting("alice", firstSocket, FIRST_MAC, "10.0.0.1/24"),
                QemuGuest.Options.connecting("bob", secondSocket, SECOND_MAC, "10.0.0.2/24")
                        .withPackedQueues());
    }

    /** A guest that listens on its socket, and one that connects and has several queue pairs, both booted. */
    static Guests listeningAndSeveralQueuePairs(Path firstSocket, Path secondSocket, int queuePairs) {
        return boot(
                QemuGuest.Options.listening("alice", firstSocket, FIRST_MAC, "10.0.0.1/24"),
                QemuGuest.Options.connecting("bob", secondSocket, SECOND_MAC, "10.0.0.2/24")
                        .withQueuePairs(queuePairs));
    }

    /** A guest that listens on its socket, and one that connects, both booted. */
    static Guests listeningAndConnecting(Path firstSocket, Path secondSocket) {
        return boot(
                QemuGuest.Options.listening("alice", firstSocket, FIRST_MAC, "10.0.0.1/24"),
                QemuGuest.Options.connecting("bob", secondSocket, SECOND_MAC, "10.0.0.2/24"));
    }

    private static Guests boot(QemuGuest.Options first, QemuGuest.Options second) {
        GuestImage image = image();
        var guests = new Guests(QemuGuest.start(image, first), QemuGuest.start(image, second));
        try {
            System.out.printf(
                    "Guests booted in %d and %d ms%n",
                    guests.first.awaitReady(BOOT_LIMIT).toMillis(),
                    guests.second.awaitReady(BOOT_LIMIT).toMillis());
            return guests;
        } catch (RuntimeException e) {
            guests.close();
            throw e;
        }
    }

    /** Ping, TCP in both directions, and 64 MiB that arrive as they were. */
    void shouldExchangeTraffic() {
        shouldReachEachOther();
        shouldCarryTcpBothWays();
        shouldTransferUnchanged();
    }

    void shouldReachEachOther() {
        shouldReach(first, second);
        shouldReach(second, first);
    }

    private static void shouldReach(QemuGuest from, QemuGuest to) {
        assertThat(from.reaches(to.options().host(), PING_LIMIT))
                .as(() -> "%s reaches %s; their consoles:%n%s%n%s"
                        .formatted(from.options().name(), to.options().name(), from.console(), to.console()))
                .isTrue();
    }

    void shouldResumeAfterReboot(QemuGuest guest) {
        shouldReachEachOther();
        long startNanos = System.nanoTime();
        guest.reboot(BOOT_LIMIT);
        System.out.printf(
                "%s rebooted in %d ms%n", guest.options().name(), (System.nanoTime() - startNanos) / 1_000_000);
        shouldReachEachOther();
    }

    void shouldCarryTcpBothWays() {
        second.mustRun("pidof iperf3 || iperf3 -s -D -p 5201", PING_LIMIT);
        String client = "iperf3 -f m -t 1 -p 5201 -c " + second.options().host();
        for (String direction : new String[] {"", " --reverse"}) {
            String report = first.mustRun(client + direction, TRANSFER_LIMIT);
            assertThat(report).as("iperf3%s", direction).containsPattern("[1-9][0-9.]* Mbits/sec +receiver");
            report.lines().filter(line -> line.contains("receiver")).forEach(System.out::println);
        }
    }

    void shouldTransferUnchanged() {
        second.mustRun("mkdir -p /tmp/web && dd if=/dev/urandom of=/tmp/web/data bs=1M count=64", TRANSFER_LIMIT);
        String sent = second.mustRun("md5sum </tmp/web/data", TRANSFER_LIMIT);
        second.mustRun("pidof httpd || httpd -p 80 -h /tmp/web", PING_LIMIT);

        String received = first.mustRun(
                "set -o pipefail; wget -q -O - http://%s/data | md5sum"
                        .formatted(second.options().host()),
                TRANSFER_LIMIT);

        assertThat(received).as("checksum of 64 MiB").isEqualTo(sent);
    }

    @Override
    public void close() {
        try (second) {
            first.close();
        }
    }
}

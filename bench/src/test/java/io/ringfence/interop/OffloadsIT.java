package io.ringfence.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.bench.peer.CommandResult;
import io.ringfence.bench.peer.Peer;
import io.ringfence.bench.peer.QemuGuest;
import io.ringfence.bench.peer.RingfenceFile;
import io.ringfence.bench.peer.RingfenceFile.Role;
import io.ringfence.bench.peer.RingfenceProcess;
import io.ringfence.dataplane.telemetry.Counter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** TCP between Linux guests with and without checksum and segmentation offloads, in all four combinations. */
@RequiresPeers(Peer.QEMU)
class OffloadsIT {
    private static final Duration START_LIMIT = Duration.ofSeconds(30);
    private static final Duration SHORT_LIMIT = Duration.ofSeconds(30);
    private static final Duration TRANSFER_LIMIT = Duration.ofMinutes(2);
    private static final int MEBIBYTES = 16;
    /** Packets of 1460 bytes, of which most are expected to come in frames to be cut. */
    private static final long MANY_PACKETS = MEBIBYTES * (1L << 20) / 1460 / 2;

    @TempDir
    private Path folder;

    private final List<QemuGuest> guests = new ArrayList<>();

    /** The guests 0 and 1 have offloads, 2 and 3 have none. */
    @Test
    void shouldCarryTcpUnchangedWhereverWorkIsLeftToTheReceiver() {
        var file = RingfenceFile.forCpu(1, 1500);
        for (int i = 0; i < 4; i++) {
            file.vm("vm" + i, socket(i), Role.SERVER, "blue", mac(i), Duration.ofNanos(180_000), Duration.ofMillis(1));
            if (i >= 2) {
                file.withoutOffloads();
            }
        }
        try (var ringfence = RingfenceProcess.start(file.text(), START_LIMIT)) {
            boot();
            for (int i = 0; i < 4; i++) {
                assertThat(guests.get(i).mustRun("ethtool -k eth0", SHORT_LIMIT))
                        .as("features of guest %d", i)
                        .contains(i < 2 ? "tcp-segmentation-offload: on" : "tcp-segmentation-offload: off")
                        .contains(i < 2 ? "tx-checksumming: on" : "tx-checksumming: off");
            }
            shouldTransfer(ringfence, 0, 1);
            assertThat(counted(ringfence, Counter.SOFTWARE_SEGMENTED_FRAMES)).isZero();
            assertThat(counted(ringfence, Counter.SOFTWARE_CHECKSUMS)).isZero();
            assertThat(counted(ringfence, Counter.TRANSMITTED_SEGMENTS)).isGreaterThan(MANY_PACKETS);

            shouldTransfer(ringfence, 0, 2);
            assertThat(counted(ringfence, Counter.SOFTWARE_SEGMENTED_FRAMES)).isGreaterThan(MANY_PACKETS / 45);
            assertThat(counted(ringfence, Counter.SOFTWARE_CHECKSUMS)).isPositive();

            long segments = counted(ringfence, Counter.TRANSMITTED_SEGMENTS);
            shouldTransfer(ringfence, 2, 1);
            shouldTransfer(ringfence, 2, 3);
            assertThat(counted(ringfence, Counter.TRANSMITTED_SEGMENTS)).isEqualTo(segments);
            assertThat(counted(ringfence, Counter.DROPPED_BAD_OFFLOAD)).isZero();
            assertThat(counted(ringfence, Counter.DROPPED_OVERSIZE)).isZero();
        } finally {
            guests.forEach(QemuGuest::close);
        }
    }

    private void boot() {
        for (int i = 0; i < 4; i++) {
            var options = QemuGuest.Options.connecting("vm" + i, socket(i), mac(i), address(i) + "/24");
            guests.add(QemuGuest.start(Guests.image(), options));
        }
        for (int i = 0; i < 4; i++) {
            guests.get(i).awaitReady(Guests.BOOT_LIMIT);
            guests.get(i)
                    .mustRun(
                            "echo 0 >/proc/sys/net/ipv6/conf/eth0/accept_dad; ip -6 address add %s/64 dev eth0"
                                    .formatted(address6(i)),
                            SHORT_LIMIT);
        }
    }

    private Path socket(int guest) {
        return folder.resolve("vm" + guest + ".sock");
    }

    private static String mac(int guest) {
        return "52:54:00:00:00:0" + (guest + 1);
    }

    private static String address(int guest) {
        return "10.0.0." + (guest + 1);
    }

    private static String address6(int guest) {
        return "fd00::" + (guest + 1);
    }

    /** Data from one guest to another over IPv4 and IPv6, which must arrive as they were; and as fast as it goes. */
    private void shouldTransfer(RingfenceProcess ringfence, int from, int to) {
        QemuGuest sender = guests.get(from);
        QemuGuest receiver = guests.get(to);
        String sent = sender.mustRun(
                "mkdir -p /tmp/web; [ -e /tmp/web/data ] || dd if=/dev/urandom of=/tmp/web/data bs=1M count=%d 2>/dev/null; md5sum </tmp/web/data"
                        .formatted(MEBIBYTES),
                TRANSFER_LIMIT);
        sender.mustRun("pidof httpd || httpd -p 80 -h /tmp/web", SHORT_LIMIT);
        for (String host : new String[] {address(from), "[" + address6(from) + "]"}) {
            String received = receiver.mustRun(
                    "set -o pipefail; wget -q -O - http://%s/data | md5sum".formatted(host), TRANSFER_LIMIT);
            assertThat(received)
                    .as("checksum of %d MiB from guest %d to guest %d at %s", MEBIBYTES, from, to, host)
                    .isEqualTo(sent);
        }
        receiver.mustRun("pidof iperf3 || iperf3 -s -D", SHORT_LIMIT);
        CommandResult report = sender.run("iperf3 -f m -t 1 -c " + address(to), TRANSFER_LIMIT);
        assertThat(report.output())
                .as("guest %d to guest %d, exit code %d; %s", from, to, report.exitCode(), nonZero(ringfence))
                .containsPattern("[1-9][0-9.]* Mbits/sec +receiver");
        report.output()
                .lines()
                .filter(line -> line.contains("receiver"))
                .forEach(line -> System.out.printf("guest %d to guest %d: %s%n", from, to, line.strip()));
        assertThat(ringfence.isAlive()).isTrue();
    }

    /** What there is to know if frames have gone astray. */
    private static Map<String, Long> nonZero(RingfenceProcess ringfence) {
        Map<String, Long> counters = new TreeMap<>(ringfence.counters());
        counters.values().removeIf(value -> value == 0);
        return counters;
    }

    private static long counted(RingfenceProcess ringfence, Counter counter) {
        return ringfence.counters().entrySet().stream()
                .filter(one -> one.getKey().endsWith("/" + counter.label()))
                .mapToLong(Map.Entry::getValue)
                .sum();
    }
}

package io.ringfence.interop;

import io.ringfence.bench.peer.Hugepages;
import io.ringfence.bench.peer.Peer;
import io.ringfence.bench.peer.Testpmd;
import io.ringfence.bench.peer.Vdev;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** As {@link HarnessIT}, with QEMU guests: one listens for the switch to connect, the other one connects. */
@RequiresPeers({Peer.TESTPMD, Peer.QEMU})
class QemuHarnessIT {
    private static final Duration START_LIMIT = Duration.ofSeconds(30);

    @TempDir
    private Path folder;

    @Test
    void shouldCarryTrafficOfLinuxGuestsAndResumeWhenAGuestRebootsOrDpdkIsKilled() throws Exception {
        Path first = folder.resolve("a.sock");
        Path second = folder.resolve("b.sock");
        var ports = List.of(new Vdev.Vhost(first, true, 1), new Vdev.Vhost(second, false, 1));
        try (var memory = Hugepages.ofAtLeast(512)) {
            var pmd = Testpmd.start(memory, 1, ports, START_LIMIT);
            try (var guests = Guests.listeningAndConnecting(first, second)) {
                pmd.start();
                guests.shouldExchangeTraffic();
                guests.shouldResumeAfterReboot(guests.second());
                guests.shouldResumeAfterReboot(guests.first());

                pmd.kill();
                Files.delete(second); // DPDK does not listen on a socket file that it finds
                pmd = Testpmd.start(memory, 1, ports, START_LIMIT);
                pmd.start();

                guests.shouldReachEachOther();
            } finally {
                pmd.close();
            }
        }
    }
}

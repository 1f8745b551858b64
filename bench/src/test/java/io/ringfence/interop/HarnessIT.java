package io.ringfence.interop;

import io.ringfence.bench.peer.Hugepages;
import io.ringfence.bench.peer.Peer;
import io.ringfence.bench.peer.Testpmd;
import java.nio.file.Path;
import java.time.Duration;
import org.agrona.CloseHelper;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The control experiment: the same traffic through DPDK's own vhost switch, so that a failure elsewhere is Ringfence's. */
@RequiresPeers(Peer.TESTPMD)
class HarnessIT {
    private static final Duration START_LIMIT = Duration.ofSeconds(30);

    @TempDir
    private static Path folder;

    private static Hugepages memory;
    private static DpdkSwitch dpdk;

    @BeforeAll
    static void reserveMemory() {
        memory = Hugepages.ofAtLeast(1024);
        dpdk = new DpdkSwitch(memory, folder, START_LIMIT);
    }

    @AfterAll
    static void releaseMemory() {
        CloseHelper.closeAll(dpdk, memory); // of which none is there if there were no huge pages
    }

    @ParameterizedTest
    @MethodSource("io.ringfence.interop.DpdkVariant#all")
    void shouldReceiveWhatDpdkForwards(DpdkVariant variant) throws Exception {
        Path sockets = dpdk.serve(variant);
        long droppedBefore = dpdk.droppedFrames();
        try (var frontEnds = Testpmd.start(memory, 0, variant.devices(sockets), START_LIMIT)) {
            Frames.shouldAccountForEach(frontEnds, variant.frameBytes(), () -> dpdk.droppedFrames() - droppedBefore);
        }
    }
}

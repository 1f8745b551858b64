package io.ringfence.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.bench.peer.Hugepages;
import io.ringfence.bench.peer.Peer;
import io.ringfence.bench.peer.RingfenceFile;
import io.ringfence.bench.peer.RingfenceFile.Role;
import io.ringfence.bench.peer.RingfenceProcess;
import io.ringfence.bench.peer.Testpmd;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * DPDK's virtio-user front-ends through Ringfence. One Ringfence serves all variants, one after the other: each is also a
 * reconnection with other features than before.
 */
@RequiresPeers(Peer.TESTPMD)
class DpdkIT {
    private static final Duration START_LIMIT = Duration.ofSeconds(30);
    private static final Duration RUNTIME = Duration.ofNanos(220_000);
    private static final Duration PERIOD = Duration.ofMillis(1);
    /** So that frames of 1518 bytes, without frame check sequence, pass. */
    private static final int MTU = 1504;

    @TempDir
    private static Path folder;

    private static Hugepages memory;
    private static RingfenceProcess ringfence;

    @BeforeAll
    static void start() throws IOException {
        var file = RingfenceFile.forCpu(1, MTU);
        for (Role role : Role.values()) {
            String network = role == Role.SERVER ? "served" : "connected";
            Files.createDirectory(folder.resolve(network));
            file.vm(network + "-a", socket(network, "a.sock"), role, network, DpdkVariant.FIRST_MAC, RUNTIME, PERIOD);
            file.vm(network + "-b", socket(network, "b.sock"), role, network, DpdkVariant.SECOND_MAC, RUNTIME, PERIOD);
        }
        ringfence = RingfenceProcess.start(Launcher.ROOT, file.text(), START_LIMIT);
        memory = Hugepages.ofAtLeast(512);
    }

    private static Path socket(String network, String name) {
        return folder.resolve(network).resolve(name);
    }

    @AfterAll
    static void stop() throws Exception {
        // JUnit calls this also when start() has failed half-way.
        for (AutoCloseable started : Stream.<AutoCloseable>of(memory, ringfence)
                .filter(Objects::nonNull)
                .toList()) {
            started.close();
        }
    }

    @ParameterizedTest
    @MethodSource("io.ringfence.interop.DpdkVariant#all")
    void shouldDeliverOrCountEveryFrame(DpdkVariant variant) {
        var devices = variant.devices(folder.resolve(variant.frontEndListens() ? "connected" : "served"));
        long droppedBefore = ringfence.droppedFrames();
        try (var frontEnds = Testpmd.start(memory, 0, devices, START_LIMIT)) {
            assertThat(frontEnds.output()).as("what both ports have negotiated").contains(variant.paths());
            Frames.shouldAccountForEach(
                    frontEnds, variant.frameBytes(), () -> ringfence.droppedFrames() - droppedBefore);
        }
    }
}

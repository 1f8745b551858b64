package io.ringfence.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.bench.peer.Hugepages;
import io.ringfence.bench.peer.Peer;
import io.ringfence.bench.peer.RingfenceFile;
import io.ringfence.bench.peer.RingfenceFile.Role;
import io.ringfence.bench.peer.RingfenceProcess;
import io.ringfence.bench.peer.Testpmd;
import io.ringfence.bench.peer.Vdev;
import io.ringfence.dataplane.telemetry.Counter;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** DPDK's virtio-user front-ends with several queue pairs, whose VMs have two workers each. */
@RequiresPeers(Peer.TESTPMD)
class SeveralWorkersIT {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final Duration RUNTIME = Duration.ofNanos(200_000);
    private static final Duration PERIOD = Duration.ofMillis(1);
    private static final int FRAME_BYTES = 64;

    @TempDir
    private Path folder;

    private List<Vdev.VirtioUser> devices(int queuePairs) {
        return Stream.of(device("a", DpdkVariant.FIRST_MAC), device("b", DpdkVariant.SECOND_MAC))
                .map(device -> device.withQueuePairs(queuePairs))
                .toList();
    }

    private Vdev.VirtioUser device(String vm, String mac) {
        return Vdev.VirtioUser.at(socket(vm), mac);
    }

    private Path socket(String vm) {
        return folder.resolve(vm + ".sock");
    }

    private static Map<String, Long> sentByWorker(RingfenceProcess ringfence) {
        Map<String, Long> counters = ringfence.counters();
        return Stream.of("a/0", "a/1", "b/0", "b/1")
                .collect(Collectors.toMap(
                        Function.identity(),
                        worker -> counters.get(worker + "/" + Counter.TRANSMITTED_FRAMES.label())));
    }

    /** One after the other: each is also a reconnection with other queues than before, once after the front-ends were killed. */
    @Test
    void shouldDeliverOrCountEveryFrameOfEachWorkersQueuePairs() throws IOException {
        String file = RingfenceFile.forCpu(1, 1500)
                .vm("a", socket("a"), Role.SERVER, "blue", DpdkVariant.FIRST_MAC, RUNTIME, PERIOD)
                .workers(2)
                .vm("b", socket("b"), Role.SERVER, "blue", DpdkVariant.SECOND_MAC, RUNTIME, PERIOD)
                .workers(2)
                .text();
        try (var ringfence = RingfenceProcess.start(file, LIMIT);
                var memory = Hugepages.ofAtLeast(512)) {
            for (int queuePairs : new int[] {2, 1, 4}) {
                Map<String, Long> before = sentByWorker(ringfence);
                circle(ringfence, memory, queuePairs);
                assertThat(sentByWorker(ringfence)).allSatisfy((worker, frames) -> {
                    boolean used = queuePairs > 1 || worker.endsWith("/0");
                    assertThat(frames > before.getOrDefault(worker, 0L))
                            .as("worker %s had frames to send of %d queue pairs", worker, queuePairs)
                            .isEqualTo(used);
                });
                try (var killed = Testpmd.start(memory, 0, devices(2), LIMIT)) {
                    killed.startTxFirst(8);
                    killed.kill();
                }
            }
        }
    }

    private void circle(RingfenceProcess ringfence, Hugepages memory, int queuePairs) {
        long droppedBefore = ringfence.droppedFrames();
        try (var frontEnds = Testpmd.start(memory, 0, devices(queuePairs), LIMIT)) {
            Frames.shouldAccountForEach(frontEnds, FRAME_BYTES, () -> ringfence.droppedFrames() - droppedBefore);
        }
    }
}

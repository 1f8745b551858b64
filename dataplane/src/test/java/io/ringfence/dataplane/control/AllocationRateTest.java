package io.ringfence.dataplane.control;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.ringfence.dataplane.telemetry.Counter;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the whole process allocates while two VMs flood each other, are audited, and all of that is journalled. */
@RequiresDataplaneCpu
@Timeout(120)
class AllocationRateTest {
    private static final int SECONDS = 5;

    /** Seen: 30,000, as docs/architecture.md says. */
    private static final long BYTES_PER_SECOND = 60_000;

    @TempDir
    private Path folder;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @Test
    void shouldAllocateLittleInSteadyState() throws Exception {
        try (PlayedNetwork network = new PlayedNetwork(
                folder,
                "journal: { directory: %s/journal, retain: 16MiB }%n".formatted(folder),
                new PlayedNetwork.Vm("alice", "runtime: 200us, period: 1ms"),
                new PlayedNetwork.Vm("bob", "runtime: 200us, period: 1ms"))) {
            NumberedGuest alice = network.guest(0);
            NumberedGuest bob = network.guest(1);
            Runnable step = () -> {
                alice.flood(60, bob);
                bob.flood(1000, alice);
                alice.take(Integer.MAX_VALUE);
                bob.take(Integer.MAX_VALUE);
            };
            network.playUntil("the journal is there", this::journalIsThere, step);
            network.play(Duration.ofSeconds(4), step); // until all of it is compiled, the journal's part too
            long frames = network.count(0, Counter.RECEIVED_FRAMES);
            Map<String, Long> byThread = byThread();
            long before = ofAllOthers();
            network.play(Duration.ofSeconds(SECONDS), step);
            long allocated = ofAllOthers() - before;
            Map<String, Long> later = byThread();
            later.replaceAll((name, bytes) -> (bytes - byThread.getOrDefault(name, 0L)) / SECONDS);
            later.values().removeIf(bytes -> bytes == 0);

            assertThat(network.count(0, Counter.RECEIVED_FRAMES) - frames).isGreaterThan(10_000L);
            assertThat(allocated / SECONDS)
                    .as("bytes a second of all threads but this one: %s", later)
                    .isBetween(1L, BYTES_PER_SECOND);
            assertThat(later.getOrDefault("worker-alice", 0L) + later.getOrDefault("worker-bob", 0L))
                    .as("of the workers")
                    .isLessThan(1_000);
        }
    }

    private boolean journalIsThere() {
        String[] files = folder.resolve("journal").toFile().list((ignored, name) -> name.endsWith(".cq4"));
        return files != null && files.length > 0;
    }

    private long ofAllOthers() {
        return threads.getTotalThreadAllocatedBytes() - threads.getCurrentThreadAllocatedBytes();
    }

    private Map<String, Long> byThread() {
        return Thread.getAllStackTraces().keySet().stream()
                .collect(Collectors.toMap(
                        Thread::getName,
                        thread -> threads.getThreadAllocatedBytes(thread.threadId()),
                        Long::sum,
                        TreeMap::new));
    }
}

package io.ringfence.dataplane.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.dataplane.telemetry.Counter;
import io.ringfence.vhostuser.frontend.EmbeddedGuest;
import io.ringfence.vhostuser.frontend.GuestOptions;
import io.ringfence.vhostuser.frontend.QueueOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What metering is good for: beside a VM that floods, a thread that allocates and one that forces safepoints, threads stop in
 * time, because workers are never throttled in Java code; and that it is the meters that do this.
 */
@RequiresDataplaneCpu
@Timeout(240)
class MeteringTest {
    private static final int LENGTH = 300;
    private static final int VICTIM_LENGTH = 60;
    private static final int DESCRIPTORS = 250;
    private static final Duration WARM_UP = Duration.ofSeconds(3);
    private static final Duration MEASURED = Duration.ofSeconds(8);
    private static final long PERIODS = MEASURED.toMillis();
    /** What meters leave. */
    private static final long MOST_OVERRUNS = PERIODS / 40;

    /** Up to this a safepoint is waited for with meters, too. */
    private static final long COMMON_NANOS = 50_000;
    /** A worker is throttled for no longer than a period: what a safepoint waits for beyond that, the host took. */
    private static final long LONGEST_THROTTLE_NANOS = 1_000_000;

    /** A third of the time for which the flood's queue lasts; in between, all else of the host has this thread's CPU. */
    private static final long STEP_NANOS = 1_000_000;

    @TempDir
    private Path folder;

    /**
     * @param timesNanos to safepoint, in ascending order
     * @param overruns of all workers, by the kernel's count
     * @param throttles the same by their meters
     * @param stalled part of the time for which the victim's worker could have run and did not
     */
    private record Result(List<Long> timesNanos, long overruns, long throttles, double stalled) {
        long percentile(double percent) {
            return timesNanos.get((int) Math.min(timesNanos.size() - 1, timesNanos.size() * percent / 100));
        }

        /** What safepoints waited for beyond what is common, on average of those that throttling can explain. */
        double heldUpNanos() {
            return timesNanos.stream()
                    .filter(nanos -> nanos <= LONGEST_THROTTLE_NANOS)
                    .mapToLong(nanos -> Math.max(0, nanos - COMMON_NANOS))
                    .average()
                    .orElseThrow();
        }

        @Override
        public String toString() {
            return ("time to safepoint p50 %d us, p90 %d us, p99 %d us, max %d us of %d safepoints; overruns while the flooding worker had %d periods:"
                            + " %d by the kernel's count, %d by the meters'; held up for %.1f us on average; the victim was stalled for %.3f of the time")
                    .formatted(
                            percentile(50) / 1000,
                            percentile(90) / 1000,
                            percentile(99) / 1000,
                            timesNanos.getLast() / 1000,
                            timesNanos.size(),
                            PERIODS,
                            overruns,
                            throttles,
                            heldUpNanos() / 1000,
                            stalled);
        }
    }

    @Test
    void shouldKeepTimeToSafepointShortBecauseWorkersStopBeforeTheKernelStopsThem() throws Exception {
        Result metered = run("garbage,safepoints,overruns");
        Result unmetered = run("garbage,safepoints,overruns,unmetered");
        // A host that takes CPUs away adds to both: to what the meters leave, and to what safepoints wait for.
        for (int again = 0; again < 2 && !isClear(metered, unmetered); again++) {
            metered = run("garbage,safepoints,overruns");
            unmetered = run("garbage,safepoints,overruns,unmetered");
        }
        String both = "%nmetered:   %s%nunmetered: %s".formatted(metered, unmetered);
        System.out.println(both);

        // Percentiles above are those of the host, too: its VM thread shares a CPU with all else, this test included.
        assertThat(metered.percentile(90))
                .as("p90 of the time to safepoint%s", both)
                .isLessThan(200_000); // seen: 9 to 44 us
        assertThat(unmetered.heldUpNanos())
                .as("what safepoints are held up for without meters%s", both)
                .isGreaterThan(1.5 * metered.heldUpNanos());
        assertThat(metered.overruns)
                .as("overruns%s", both)
                .isLessThan(MOST_OVERRUNS); // seen: 9 to 22, and 90 to 240 on a disturbed host
        assertThat(unmetered.overruns)
                .as("overruns without meters%s", both)
                .isGreaterThan(3 * metered.overruns); // seen: 106 to 619
    }

    private static boolean isClear(Result metered, Result unmetered) {
        return metered.percentile(90) < 150_000
                && 4 * metered.overruns < 3 * MOST_OVERRUNS
                && unmetered.overruns > 3 * metered.overruns
                && unmetered.heldUpNanos() > 2 * metered.heldUpNanos();
    }

    private Result run(String diagnoses) throws Exception {
        Path configuration = Files.writeString(folder.resolve("ringfence.yaml"), """
                host: { cpus: [1] }
                networks: [ { name: blue } ]
                vms:
                  - { name: victim, socket: %1$s/victim.sock, network: blue, mac: '52:54:00:00:00:01',
                      reservation: { runtime: 100us, period: 500us } }
                  - { name: flood, socket: %1$s/flood.sock, network: blue, mac: '52:54:00:00:00:02',
                      reservation: { runtime: 300us, period: 1ms } }
                  - { name: sink, socket: %1$s/sink.sock, network: blue, mac: '52:54:00:00:00:03',
                      reservation: { runtime: 100us, period: 1ms } }
                """.formatted(folder));
        SafepointLog safepoints = new SafepointLog(folder.resolve(diagnoses + ".log"));
        try (RunningCommand command = RunningCommand.start(
                List.of(), List.of("-Xms1g", "-Xmx1g", safepoints.option()), configuration, "--diagnose", diagnoses)) {
            assertThat(command.ready()).endsWith("scheduling deadline");
            try (EmbeddedGuest first = EmbeddedGuest.connect(folder.resolve("victim.sock"), GuestOptions.ofPairs(1));
                    EmbeddedGuest second = EmbeddedGuest.connect(
                            folder.resolve("flood.sock"),
                            GuestOptions.ofPairs(1)
                                    .withTransmit(QueueOptions.ofSize(256).withIndirectTables(DESCRIPTORS)));
                    EmbeddedGuest third = EmbeddedGuest.connect(folder.resolve("sink.sock"), GuestOptions.ofPairs(1))) {
                NumberedGuest victim = new NumberedGuest(0, first);
                NumberedGuest flood = new NumberedGuest(1, second);
                NumberedGuest sink = new NumberedGuest(2, third);
                Runnable step = () -> {
                    flood.flood(LENGTH, sink);
                    victim.send(sink, VICTIM_LENGTH);
                    victim.flush();
                    sink.take(Integer.MAX_VALUE);
                };
                play(WARM_UP, step);
                Map<String, Long> before = command.counters();
                int skipped = safepoints.count();
                play(MEASURED, step);
                Map<String, Long> after = command.counters();
                List<Long> times = safepoints.timesNanos(skipped);
                return new Result(
                        times,
                        since("host/overrun-signals", before, after),
                        throttles(after) - throttles(before),
                        (double) since("victim/stalled-ns", before, after) / MEASURED.toNanos());
            } finally {
                command.stop();
            }
        }
    }

    private static long throttles(Map<String, Long> counters) {
        return counters.entrySet().stream()
                .filter(counter -> counter.getKey().endsWith("/" + Counter.THROTTLES.label()))
                .mapToLong(Map.Entry::getValue)
                .sum();
    }

    private static long since(String counter, Map<String, Long> before, Map<String, Long> after) {
        return after.getOrDefault(counter, 0L) - before.getOrDefault(counter, 0L);
    }

    private static void play(Duration duration, Runnable step) {
        PromptThread self = new PromptThread();
        try {
            long end = System.nanoTime() + duration.toNanos();
            while (System.nanoTime() - end < 0) {
                step.run();
                LockSupport.parkNanos(STEP_NANOS);
            }
        } finally {
            self.close();
        }
    }
}

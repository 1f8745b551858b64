package io.ringfence.dataplane.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.config.Configuration;
import io.ringfence.dataplane.telemetry.Counter;
import io.ringfence.dataplane.telemetry.Counters;
import io.ringfence.vhostuser.frontend.EmbeddedGuest;
import io.ringfence.vhostuser.frontend.GuestOptions;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What arrives of a guest that sends more than its limit, and what its neighbours feel of it; over real sessions. */
@RequiresDataplaneCpu
class LimitTest {
    private static final long ALICE = 0x01_0000_005452L;
    private static final long BOB = 0x02_0000_005452L;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

    @TempDir
    private Path folder;

    /** Alice sends as fast as she may to Bob, who sends to her at a modest pace. */
    @ParameterizedTest
    @CsvSource({
        "'rate: 20kpps', 60, 20_000",
        "'bandwidth: 200Mbps', 1514, 16_512.55",
        "'rate: 1Mpps, bandwidth: 100Mbps', 300, 41_666.67"
    })
    void shouldCarryJustTheLimitAndLeaveTheNeighbourAlone(String limit, int length, double expectedRate)
            throws Exception {
        // A burst of 100 ms, so that the machine may hold up guest and worker that long and nothing is lost of it.
        int burst = (int) (expectedRate / 10);
        Configuration configuration = Configuration.parse("""
                host: { cpus: [1] }
                networks: [ { name: blue } ]
                vms:
                  - name: alice
                    socket: %1$s/alice.sock
                    network: blue
                    limit: { %2$s, burst: %3$d }
                    reservation: { runtime: 200us, period: 1ms }
                  - { name: bob, socket: %1$s/bob.sock, network: blue, reservation: { runtime: 200us, period: 1ms } }
                """.formatted(folder, limit, burst), "test.yaml");
        try (Dataplane dataplane = Started.of(configuration, new RecordedEvents());
                EmbeddedGuest alice = EmbeddedGuest.connect(folder.resolve("alice.sock"), GuestOptions.ofPairs(1));
                EmbeddedGuest bob = EmbeddedGuest.connect(folder.resolve("bob.sock"), GuestOptions.ofPairs(1));
                PromptThread self = new PromptThread()) {
            Run run = new Run(self, dataplane, alice, bob, length);
            run.last(Duration.ofSeconds(1)); // the first burst goes at once; from then on it is the rate
            Moment first = run.momentAtTheLimit();
            run.lostNanos = 0;
            run.last(Duration.ofSeconds(3));
            Moment last = run.momentAtTheLimit();

            double seconds = (last.nanos - first.nanos) / 1e9;
            double used = 1 - run.lostNanos / 1e9 / seconds;
            assertThat((last.frames - first.frames) / seconds)
                    .as("frames a second; share of the time in which Alice had something to send: %.3f", used)
                    .isBetween(0.99 * used * expectedRate, 1.01 * expectedRate);
            assertThat(run.servedAll()).as("frames of bob that arrived").isEqualTo(run.asked);
            assertThat(drops(dataplane)).as("frames dropped").isZero();
        }
    }

    private record Moment(long nanos, long frames) {}

    /** Both guests, played by this thread. */
    private static final class Run {
        private static final long BURST_NANOS = 100_000_000;
        private static final long SHARP_NANOS = 5_000_000;

        private final PromptThread self;
        private final Dataplane dataplane;
        private final EmbeddedGuest alice;
        private final EmbeddedGuest bob;
        private final int length;
        private long flooded = System.nanoTime();
        private long nextRequest = flooded;
        private long asked;
        private long served;
        /** Time beyond a burst's in which Alice sent nothing: what her buckets earned meanwhile is lost. */
        private long lostNanos;

        Run(PromptThread self, Dataplane dataplane, EmbeddedGuest alice, EmbeddedGuest bob, int length) {
            this.self = self;
            this.dataplane = dataplane;
            this.alice = alice;
            this.bob = bob;
            this.length = length;
        }

        void last(Duration duration) {
            long end = System.nanoTime() + duration.toNanos();
            while (System.nanoTime() - end < 0) {
                step();
                self.nap();
            }
        }

        private void step() {
            long now = System.nanoTime();
            lostNanos += Math.max(0, now - flooded - BURST_NANOS);
            flood(alice, length);
            flooded = now;
            if (now - nextRequest >= 0 && Traffic.send(bob, ALICE, BOB, asked)) {
                asked++;
                nextRequest += 200_000;
            }
            Traffic.take(bob);
            served += Traffic.take(alice);
        }

        /** A moment at which frames are held back and the buckets are empty, so that the count is what they allow. */
        Moment momentAtTheLimit() throws IOException {
            long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
            while (System.nanoTime() - deadline < 0) {
                long before = System.nanoTime();
                long limited = count(dataplane, "alice", Counter.LIMITED_VISITS);
                step();
                long frames = count(dataplane, "bob", Counter.RECEIVED_FRAMES);
                boolean atTheLimit = count(dataplane, "alice", Counter.LIMITED_VISITS) > limited;
                if (atTheLimit && System.nanoTime() - before < SHARP_NANOS) {
                    return new Moment(before, frames);
                }
                self.nap();
            }
            throw new AssertionError("Alice was never held back at a moment known to within " + SHARP_NANOS + " ns");
        }

        /** What arrived of Bob's frames, when all that are on their way have. */
        long servedAll() {
            long grace = System.nanoTime() + Duration.ofSeconds(5).toNanos();
            while (served < asked && System.nanoTime() - grace < 0) {
                served += Traffic.take(alice);
                Traffic.take(bob);
                self.nap();
            }
            return served;
        }
    }

    private static void flood(EmbeddedGuest guest, int length) {
        MemorySegment memory = guest.memory().segment();
        for (long at = guest.transmit(0).claim(length);
                at >= 0;
                at = guest.transmit(0).claim(length)) {
            memory.set(LONG, at, BOB | ALICE << 48);
            memory.set(LONG, at + 8, ALICE >>> 16 | 0xb588L << 32);
            guest.transmit(0).commit();
        }
        guest.transmit(0).flush();
    }

    private static long count(Dataplane dataplane, String vm, Counter counter) throws IOException {
        return Counters.read(dataplane.counters().file()).getOrDefault(vm + "/" + counter.label(), 0L);
    }

    private static long drops(Dataplane dataplane) throws IOException {
        return Counters.read(dataplane.counters().file()).entrySet().stream()
                .filter(entry -> entry.getKey().contains("/drop-"))
                .mapToLong(Map.Entry::getValue)
                .sum();
    }
}

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
import org.assertj.core.data.Percentage;
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
        // A burst of 100 ms, so that a crowded machine may hold up guest and worker that long and nothing is lost of
        // it.
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
        try (Dataplane dataplane = Dataplane.start(configuration, new RecordedEvents());
                EmbeddedGuest alice = EmbeddedGuest.connect(folder.resolve("alice.sock"), GuestOptions.ofPairs(1));
                EmbeddedGuest bob = EmbeddedGuest.connect(folder.resolve("bob.sock"), GuestOptions.ofPairs(1))) {
            long asked = 0;
            long served = 0;
            long start = System.nanoTime();
            long measuredFrom = 0;
            long framesBefore = 0;
            long end = start + Duration.ofSeconds(4).toNanos();
            // The first burst goes at once; from then on it is the rate.
            long measureAt = start + Duration.ofSeconds(1).toNanos();
            long nextRequest = start;
            for (long now = start; now < end; now = System.nanoTime()) {
                flood(alice, length);
                if (now >= nextRequest && Traffic.send(bob, ALICE, BOB, asked)) {
                    asked++;
                    nextRequest += 200_000;
                }
                Traffic.take(bob);
                served += Traffic.take(alice);
                if (measuredFrom == 0 && now >= measureAt) {
                    framesBefore = count(dataplane, "bob", Counter.RECEIVED_FRAMES);
                    measuredFrom = System.nanoTime();
                }
            }
            long frames = count(dataplane, "bob", Counter.RECEIVED_FRAMES) - framesBefore;
            double rate = frames * 1e9 / (System.nanoTime() - measuredFrom);

            assertThat(rate).as("frames a second").isCloseTo(expectedRate, Percentage.withPercentage(1));
            assertThat(count(dataplane, "alice", Counter.LIMITED_VISITS)).isPositive();
            long grace = System.nanoTime() + Duration.ofSeconds(5).toNanos();
            while (served < asked && System.nanoTime() < grace) {
                served += Traffic.take(alice);
                Traffic.take(bob);
            }
            assertThat(served).as("frames of bob that arrived").isEqualTo(asked);
            assertThat(drops(dataplane)).as("frames dropped").isZero();
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

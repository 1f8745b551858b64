package io.ringfence.dataplane.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.dataplane.control.PlayedNetwork.Vm;
import io.ringfence.dataplane.telemetry.Counter;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a receiver without room for its frames costs those who send to it: drops that are counted, and nothing else. */
@RequiresDataplaneCpu
@Timeout(120)
class UnwillingReceiverTest {
    private static final int SENDER = 0;
    private static final int UNWILLING = 1;
    private static final int LENGTH = 60;
    private static final int ALL = Integer.MAX_VALUE;
    private static final long PACE_NANOS = 50_000;

    @TempDir
    private Path folder;

    enum Unwillingness {
        /** No frame fits, not even its header. */
        ONE_BYTE_BUFFERS(Counter.DROPPED_NO_ROOM),
        NO_BUFFERS(Counter.DROPPED_CONGESTED);

        private final Counter drop;

        Unwillingness(Counter drop) {
            this.drop = drop;
        }

        private void begin(NumberedGuest guest) {
            switch (this) {
                case ONE_BYTE_BUFFERS -> guest.shrinkReceiveBuffers(1);
                case NO_BUFFERS -> guest.guest().receive(0).stopPosting();
            }
        }

        private void end(NumberedGuest guest) {
            switch (this) {
                case ONE_BYTE_BUFFERS -> guest.shrinkReceiveBuffers(2048);
                case NO_BUFFERS -> guest.guest().receive(0).startPosting();
            }
        }
    }

    /** What a flood for both receivers achieved. */
    private record Flood(double cpuNanosPerFrame, double framesPerSecond) {}

    @ParameterizedTest
    @EnumSource
    void shouldCostItsSendersNothingButCountedDrops(Unwillingness unwillingness) throws Exception {
        try (PlayedNetwork network = new PlayedNetwork(
                folder,
                new Vm("sender", "runtime: 200us, period: 1ms"),
                new Vm("unwilling", "runtime: 200us, period: 1ms"),
                new Vm("willing", "runtime: 200us, period: 1ms"))) {
            NumberedGuest sender = network.guest(SENDER);
            NumberedGuest unwilling = network.guest(UNWILLING);
            NumberedGuest willing = network.guest(2);
            flood(network, Duration.ofSeconds(1)); // until all of it is compiled
            Flood before = flood(network, Duration.ofSeconds(2));
            unwillingness.begin(unwilling);
            flood(network, Duration.ofMillis(500));
            Flood beside = flood(network, Duration.ofSeconds(2));

            assertThat(beside.cpuNanosPerFrame / before.cpuNanosPerFrame)
                    .as("CPU time of the sender's worker for a frame, against that with two willing receivers")
                    .isLessThan(1.5); // seen: 1.05 and 1.01
            assertThat(beside.framesPerSecond / before.framesPerSecond)
                    .as("frames to the willing receiver, the same")
                    .isGreaterThan(0.66); // seen: 0.95
            requireAllArrivedOrCounted(network, willing);

            long paced = sender.sentTo(willing);
            long took = pace(network, Duration.ofSeconds(2));
            requireAllArrivedOrCounted(network, willing);
            assertThat((sender.sentTo(willing) - paced) * PACE_NANOS)
                    .as("time for which frames could be sent, of %d ns", took)
                    .isGreaterThan(took * 98 / 100);

            long dropped = network.count(SENDER, unwillingness.drop);
            assertThat(dropped).isGreaterThan(sender.sentTo(unwilling) / 4);
            unwillingness.end(unwilling);
            network.playUntil(
                    "what waited in the handoff arrives",
                    () -> unwilling.receivedFrom(sender) + dropped == sender.sentTo(unwilling),
                    () -> unwilling.take(ALL));
            network.play(Duration.ofMillis(50), () -> unwilling.take(ALL));
            assertThat(network.count(SENDER, unwillingness.drop))
                    .as("no more drops")
                    .isEqualTo(dropped);
            assertThat(unwilling.receivedFrom(sender)).isEqualTo(sender.sentTo(unwilling) - dropped);
            assertThat(network.drops(SENDER)).as("drops of the sender").containsOnlyKeys(unwillingness.drop);
            assertThat(network.drops(UNWILLING)).isEmpty();
            assertThat(unwilling.violations()).isEmpty();
        }
    }

    private static Flood flood(PlayedNetwork network, Duration duration) {
        NumberedGuest willing = network.guest(2);
        long cpuNanos = network.cpuNanos(SENDER);
        long sent = network.count(SENDER, Counter.TRANSMITTED_FRAMES);
        long arrived = willing.receivedFrom(network.guest(SENDER));
        long start = System.nanoTime();
        network.play(duration, () -> {
            network.guest(SENDER).flood(LENGTH, network.guest(UNWILLING), willing);
            network.guest(UNWILLING).take(ALL);
            willing.take(ALL);
        });
        long nanos = System.nanoTime() - start;
        return new Flood(
                (double) (network.cpuNanos(SENDER) - cpuNanos)
                        / (network.count(SENDER, Counter.TRANSMITTED_FRAMES) - sent),
                (willing.receivedFrom(network.guest(SENDER)) - arrived) * 1e9 / nanos);
    }

    /** Sends to both at an even pace; what finds no room in the sender's own queue is sent later. */
    private static long pace(PlayedNetwork network, Duration duration) {
        NumberedGuest sender = network.guest(SENDER);
        NumberedGuest willing = network.guest(2);
        long start = System.nanoTime();
        long[] dueNanos = {start};
        network.play(duration, () -> {
            while (System.nanoTime() - dueNanos[0] >= 0 && sender.send(willing, LENGTH)) {
                sender.send(network.guest(UNWILLING), LENGTH);
                dueNanos[0] += PACE_NANOS;
            }
            sender.flush();
            willing.take(ALL);
            network.guest(UNWILLING).take(ALL);
        });
        return System.nanoTime() - start;
    }

    private static void requireAllArrivedOrCounted(PlayedNetwork network, NumberedGuest willing) {
        NumberedGuest sender = network.guest(SENDER);
        network.playUntil(
                "all to the willing receiver arrived",
                () -> willing.receivedFrom(sender) == sender.sentTo(willing),
                () -> willing.take(ALL));
        assertThat(willing.violations()).isEmpty();
    }
}

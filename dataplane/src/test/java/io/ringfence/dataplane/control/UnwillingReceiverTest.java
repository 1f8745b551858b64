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

/**
 * What a receiver without room for its frames costs those who send to it: drops that are counted, and nothing else. The
 * host's speed changes by the second: so windows with and without alternate, and their median counts.
 */
@RequiresDataplaneCpu
@Timeout(120)
class UnwillingReceiverTest {
    private static final int SENDER = 0;
    private static final int UNWILLING = 1;
    private static final int LENGTH = 60;
    private static final int ALL = Integer.MAX_VALUE;
    private static final long PACE_NANOS = 50_000;
    private static final Duration SETTLING = Duration.ofMillis(100);
    private static final Duration WINDOW = Duration.ofMillis(200);
    private static final int PAIRS = 11;
    private static final int WINDOWS = 15;

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
            Windows.untilCompiled(() -> floodBesideBefore(network, unwillingness));
            double[] cpuTime = new double[PAIRS];
            double[] frames = new double[PAIRS];
            for (int pair = 0; pair < PAIRS; pair++) {
                Flood ratio = floodBesideBefore(network, unwillingness);
                cpuTime[pair] = ratio.cpuNanosPerFrame;
                frames[pair] = ratio.framesPerSecond;
            }

            assertThat(Windows.median(cpuTime))
                    .as("CPU time of the sender's worker for a frame, against that with two willing receivers")
                    .isLessThan(1.5); // seen: 0.96 to 1.13
            assertThat(Windows.median(frames))
                    .as("frames to the willing receiver, the same")
                    .isGreaterThan(0.66); // seen: 0.91 to 1.01
            requireAllArrivedOrCounted(network, willing);

            assertThat(Windows.median(pace(network)))
                    .as("part of an even pace that could be sent, in most windows")
                    .isGreaterThan(0.98);
            requireAllArrivedOrCounted(network, willing);

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

    /** A flood with the unwilling receiver, divided by one before, with two willing ones. */
    private static Flood floodBesideBefore(PlayedNetwork network, Unwillingness unwillingness) {
        unwillingness.end(network.guest(UNWILLING));
        Flood before = floodOnceSettled(network);
        unwillingness.begin(network.guest(UNWILLING));
        Flood beside = floodOnceSettled(network);
        return new Flood(
                beside.cpuNanosPerFrame / before.cpuNanosPerFrame, beside.framesPerSecond / before.framesPerSecond);
    }

    private static Flood floodOnceSettled(PlayedNetwork network) {
        flood(network, SETTLING);
        return flood(network, WINDOW);
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

    /**
     * Sends to both at an even pace; what finds no room in the sender's own queue is sent later. Answers for each window
     * which part of its pace was sent. A host that stops for half a second spoils the windows that it falls into, a
     * receiver that costs its senders something spoils all.
     */
    private static double[] pace(PlayedNetwork network) {
        double[] parts = new double[WINDOWS];
        for (int window = 0; window < WINDOWS; window++) {
            parts[window] = paceOneWindow(network);
        }
        return parts;
    }

    private static double paceOneWindow(PlayedNetwork network) {
        NumberedGuest sender = network.guest(SENDER);
        NumberedGuest willing = network.guest(2);
        long before = sender.sentTo(willing);
        long start = System.nanoTime();
        long[] dueNanos = {start};
        network.play(WINDOW, () -> {
            while (System.nanoTime() - dueNanos[0] >= 0 && sender.send(willing, LENGTH)) {
                sender.send(network.guest(UNWILLING), LENGTH);
                dueNanos[0] += PACE_NANOS;
            }
            sender.flush();
            willing.take(ALL);
            network.guest(UNWILLING).take(ALL);
        });
        return (double) (sender.sentTo(willing) - before) * PACE_NANOS / (System.nanoTime() - start);
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

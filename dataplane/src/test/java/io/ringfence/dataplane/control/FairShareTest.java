package io.ringfence.dataplane.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.dataplane.control.PlayedNetwork.Vm;
import io.ringfence.dataplane.telemetry.Counter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What senders get of a receiver that others flood; and that each of them has its own frames in order, or counted. */
@RequiresDataplaneCpu
@Timeout(120)
class FairShareTest {
    private static final int LENGTH = 60;
    private static final int ALL = Integer.MAX_VALUE;
    /** Frames taken between two naps: a tenth of what two floods bring meanwhile. */
    private static final int FEW = 20;

    private static final long MODEST_NANOS = 200_000;
    private static final int MODEST_FRAMES = 10_000;
    private static final Duration WINDOW = Duration.ofMillis(200);
    private static final int WINDOWS = 15;

    @TempDir
    private Path folder;

    private long modestDueNanos;

    enum Contention {
        /** The receiver keeps up; frames go straight into its queue. */
        NONE(ALL, "runtime: 150us, period: 1ms"),
        /** It does not keep up, so that a backlog stands. */
        SLOW_RECEIVER(FEW, "runtime: 150us, period: 1ms"),
        /** The modest sender's worker has the earlier deadline, and finds the queues in the hands of the one it preempted. */
        HELD_CLAIM(ALL, "runtime: 40us, period: 250us");

        private final int takenAtOnce;
        private final String modestReservation;

        Contention(int takenAtOnce, String modestReservation) {
            this.takenAtOnce = takenAtOnce;
            this.modestReservation = modestReservation;
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldCarryAllOfAModestSenderAndTheRestOfAFlood(Contention contention) throws Exception {
        try (PlayedNetwork network = new PlayedNetwork(
                folder,
                new Vm("receiver", "runtime: 200us, period: 1ms"),
                new Vm("flooder", "runtime: 200us, period: 1ms"),
                new Vm("modest", contention.modestReservation))) {
            NumberedGuest receiver = network.guest(0);
            NumberedGuest flooder = network.guest(1);
            NumberedGuest modest = network.guest(2);
            modestDueNanos = System.nanoTime();
            long[] takenAndRoom = new long[2];
            Runnable step = () -> {
                flooder.flood(LENGTH, receiver);
                sendModestly(modest, receiver);
                takenAndRoom[0] += receiver.take(contention.takenAtOnce);
                takenAndRoom[1] += contention.takenAtOnce;
            };
            Windows.untilCompiled(() -> network.play(WINDOW, step));
            long modestBefore = modest.sentTo(receiver);
            long floodBefore = receiver.receivedFrom(flooder);
            Arrays.fill(takenAndRoom, 0);
            network.playUntil(
                    "the modest sender sends what takes 2 s",
                    () -> modest.sentTo(receiver) - modestBefore >= MODEST_FRAMES,
                    step);
            long modestSent = modest.sentTo(receiver) - modestBefore;
            long flooded = receiver.receivedFrom(flooder) - floodBefore;

            assertThat(flooded).as("what the flood got beside it").isGreaterThan(10 * modestSent);
            if (contention == Contention.SLOW_RECEIVER) {
                assertThat((double) takenAndRoom[0] / takenAndRoom[1])
                        .as("used of what the receiver could take")
                        .isGreaterThan(0.8);
                assertThat(network.count(2, Counter.HANDED_OFF_FRAMES))
                        .as("modest frames that went through the backlog")
                        .isGreaterThan(modestSent / 4);
            }
            if (contention == Contention.HELD_CLAIM) {
                assertThat(network.count(2, Counter.CLAIMS_MISSED)).isPositive();
            }
            requireAllArrivedOrCounted(network, List.of(flooder), receiver);
            assertThat(receiver.receivedFrom(modest)).as("%s", network).isEqualTo(modest.sentTo(receiver));
            assertThat(network.drops(2)).as("drops of the modest sender").isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {ALL, FEW})
    void shouldShareEvenlyBetweenTwoFloodsAndCarryAllOfAModestSender(int takenAtOnce) throws Exception {
        try (PlayedNetwork network = new PlayedNetwork(
                folder,
                new Vm("receiver", "runtime: 200us, period: 1ms"),
                new Vm("first", "runtime: 150us, period: 1ms"),
                new Vm("second", "runtime: 150us, period: 1ms"),
                new Vm("modest", "runtime: 150us, period: 1ms"))) {
            NumberedGuest receiver = network.guest(0);
            NumberedGuest first = network.guest(1);
            NumberedGuest second = network.guest(2);
            NumberedGuest modest = network.guest(3);
            modestDueNanos = System.nanoTime();
            Runnable step = () -> {
                first.flood(LENGTH, receiver);
                second.flood(LENGTH, receiver);
                sendModestly(modest, receiver);
                receiver.take(takenAtOnce);
            };
            double share = shareOfFirst(
                    network, step, () -> receiver.receivedFrom(first), () -> receiver.receivedFrom(second));
            if (takenAtOnce == FEW) {
                assertThat(share).as("of a backlog, which is shared out").isBetween(0.47, 0.53);
            } else {
                assertThat(share).as("of what equal reservations carry").isBetween(0.4, 0.6);
            }
            requireAllArrivedOrCounted(network, List.of(first, second), receiver);
            assertThat(receiver.receivedFrom(modest)).as("%s", network).isEqualTo(modest.sentTo(receiver));
            assertThat(network.drops(3)).as("drops of the modest sender").isEmpty();
        }
    }

    @Test
    void shouldShareBytesEvenlyBetweenFloodsOfShortAndOfLongFrames() throws Exception {
        try (PlayedNetwork network = new PlayedNetwork(
                folder,
                new Vm("receiver", "runtime: 200us, period: 1ms"),
                new Vm("short", "runtime: 200us, period: 1ms"),
                new Vm("long", "runtime: 200us, period: 1ms"))) {
            NumberedGuest receiver = network.guest(0);
            NumberedGuest shorts = network.guest(1);
            NumberedGuest longs = network.guest(2);
            Runnable step = () -> {
                shorts.flood(100, receiver);
                longs.flood(1500, receiver);
                receiver.take(FEW / 4); // so few that no handoff runs empty while its sender waits for its next period
            };
            double share = shareOfFirst(
                    network,
                    step,
                    () -> 100 * receiver.receivedFrom(shorts),
                    () -> 1500 * receiver.receivedFrom(longs));
            assertThat(share).as("bytes of the short frames").isBetween(0.45, 0.55);
            requireAllArrivedOrCounted(network, List.of(shorts, longs), receiver);
        }
    }

    /** What one has of the sum of two, both counted from the beginning; in most windows. */
    private static double shareOfFirst(PlayedNetwork network, Runnable step, LongSupplier first, LongSupplier second) {
        Windows.untilCompiled(() -> network.play(WINDOW, step));
        double[] shares = new double[WINDOWS];
        for (int window = 0; window < WINDOWS; window++) {
            double ofFirst = -first.getAsLong();
            double ofSecond = -second.getAsLong();
            network.play(WINDOW, step);
            ofFirst += first.getAsLong();
            ofSecond += second.getAsLong();
            shares[window] = ofFirst / (ofFirst + ofSecond);
        }
        return Windows.median(shares);
    }

    private void sendModestly(NumberedGuest from, NumberedGuest to) {
        for (long now = System.nanoTime(); now - modestDueNanos >= 0; modestDueNanos += MODEST_NANOS) {
            from.send(to, LENGTH);
        }
        from.flush();
    }

    /** When all is quiet again: nothing is lost, but what was counted as dropped for the receiver's congestion. */
    private static void requireAllArrivedOrCounted(
            PlayedNetwork network, List<NumberedGuest> flooders, NumberedGuest receiver) {
        for (int i = 0; i < flooders.size(); i++) {
            int member = i + 1;
            NumberedGuest flooder = flooders.get(i);
            network.playUntil(
                    "all of member " + member + " arrived or counted",
                    () -> receiver.receivedFrom(flooder) + network.count(member, Counter.DROPPED_CONGESTED)
                            == flooder.sentTo(receiver),
                    () -> receiver.take(ALL));
            assertThat(network.drops(member).keySet()).isSubsetOf(Counter.DROPPED_CONGESTED);
        }
        network.play(Duration.ofMillis(50), () -> receiver.take(ALL));
        assertThat(network.drops(0)).as("drops of the receiver").isEmpty();
        assertThat(receiver.violations()).as("frames out of order").isEmpty();
    }
}

package io.ringfence.dataplane.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.dataplane.control.PlayedNetwork.Vm;
import io.ringfence.dataplane.telemetry.Counter;
import io.ringfence.vhostuser.frontend.EmbeddedGuest;
import io.ringfence.vhostuser.frontend.GuestOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a VM notices of having several workers, over real sessions and under SCHED_DEADLINE. */
@RequiresDataplaneCpu
@Timeout(120)
class SeveralWorkersTest {
    private static final int ALL = Integer.MAX_VALUE;
    private static final int LENGTH = 60;
    private static final Duration WINDOW = Duration.ofMillis(200);
    /** A wake-up takes 60 us of CPU time on some hosts, and more at times: that many frames are within the reservation there, too. */
    private static final long MODEST_NANOS = 8_000_000;

    private static final int MODEST_FRAMES = 250;

    @TempDir
    private Path folder;

    private long modestDueNanos;

    private static void takeAll(NumberedGuest... guests) {
        for (NumberedGuest guest : guests) {
            guest.take(ALL);
        }
    }

    @Test
    void shouldCarryTheFramesOfEachQueuePairInOrderByAWorkerOfItsOwn() throws Exception {
        try (PlayedNetwork network = new PlayedNetwork(
                folder,
                new Vm("alice", "runtime: 150us, period: 1ms", GuestOptions.ofPairs(2), 2),
                new Vm("bob", "runtime: 150us, period: 1ms", GuestOptions.ofPairs(3), 2))) {
            List<NumberedGuest> guests =
                    IntStream.range(0, 5).mapToObj(network::guest).toList();
            network.play(Duration.ofMillis(500), () -> {
                for (int pair = 0; pair < 2; pair++) {
                    for (int i = 0; i < 20; i++) {
                        guests.get(pair).send(guests.get(2 + pair), 60 + 70 * i);
                        guests.get(2 + pair).send(guests.get(pair), 60 + 70 * i);
                    }
                    guests.get(pair).flush();
                    guests.get(2 + pair).flush();
                }
                guests.forEach(guest -> guest.take(ALL));
            });
            for (int pair = 0; pair < 2; pair++) {
                NumberedGuest alice = guests.get(pair);
                NumberedGuest bob = guests.get(2 + pair);
                network.playUntil(
                        "all frames of queue pair " + pair + " have arrived or are counted",
                        () -> arrivedOrCounted(network, alice, bob) && arrivedOrCounted(network, bob, alice),
                        () -> takeAll(alice, bob));
                assertThat(alice.receivedFrom(bob)).isGreaterThan(1_000);
            }
            assertThat(guests)
                    .allSatisfy(guest -> assertThat(guest.violations()).isEmpty());
            for (int pair = 0; pair < 2; pair++) {
                assertThat(network.count(pair, Counter.TRANSMITTED_FRAMES))
                        .as("of worker %d of alice", pair)
                        .isEqualTo(guests.get(pair).sentTo(guests.get(2 + pair)));
            }
        }
    }

    /** In a network of two, nobody else's frames are among a worker's drops. */
    private static boolean arrivedOrCounted(PlayedNetwork network, NumberedGuest from, NumberedGuest to) {
        long dropped = network.drops(from.member()).values().stream()
                .mapToLong(Long::longValue)
                .sum();
        return to.receivedFrom(from) + dropped == from.sentTo(to);
    }

    @Test
    void shouldThrottleTheFloodOfOneQueuePairByItsOwnWorkersReservationOnly() throws Exception {
        try (PlayedNetwork network = new PlayedNetwork(
                folder,
                new Vm("alice", "runtime: 150us, period: 1ms", GuestOptions.ofPairs(2), 2),
                new Vm("bob", "runtime: 200us, period: 1ms", GuestOptions.ofPairs(2), 1))) {
            NumberedGuest flooding = network.guest(0);
            NumberedGuest modest = network.guest(1);
            NumberedGuest flooded = network.guest(2);
            NumberedGuest receiver = network.guest(3);
            modestDueNanos = System.nanoTime();
            Runnable step = () -> {
                flooding.flood(LENGTH, flooded);
                for (long now = System.nanoTime(); now - modestDueNanos >= 0; modestDueNanos += MODEST_NANOS) {
                    modest.send(receiver, LENGTH);
                }
                modest.flush();
                takeAll(flooded, receiver);
            };
            Windows.untilCompiled(() -> network.play(WINDOW, step));
            long sentBefore = modest.sentTo(receiver);
            long floodedBefore = flooded.receivedFrom(flooding);
            long yieldsBefore = network.count(0, Counter.YIELDS);
            long modestYieldsBefore = network.count(1, Counter.YIELDS);
            long cpuBefore = network.cpuNanos(0);
            long begun = System.nanoTime();
            network.playUntil(
                    "the modest queue pair sends what takes 2 s",
                    () -> modest.sentTo(receiver) - sentBefore >= MODEST_FRAMES,
                    step);
            double share = (double) (network.cpuNanos(0) - cpuBefore) / (System.nanoTime() - begun);
            long yields = network.count(0, Counter.YIELDS) - yieldsBefore;
            long modestYields = network.count(1, Counter.YIELDS) - modestYieldsBefore;
            long floods = flooded.receivedFrom(flooding) - floodedBefore;

            assertThat(floods).as("the flood gets the more").isGreaterThan(40 * MODEST_FRAMES);
            assertThat(share).as("CPU time of the flooded worker").isLessThan(0.16);
            assertThat(yields).as("times it had spent its budget").isGreaterThan(100);
            assertThat(modestYields).as("times the other had").isLessThan(yields / 10);
            network.playUntil(
                    "all frames of the modest queue pair have arrived",
                    () -> receiver.receivedFrom(modest) == modest.sentTo(receiver),
                    () -> takeAll(flooded, receiver));
            assertThat(network.drops(1))
                    .as("drops of the modest queue pair's worker")
                    .isEmpty();
            assertThat(receiver.violations()).isEmpty();
        }
    }

    @Test
    void shouldGoOnInOrderAfterTheFrontEndStoppedAndCameBack() throws Exception {
        try (PlayedNetwork network = new PlayedNetwork(
                folder,
                new Vm("alice", "runtime: 150us, period: 1ms", GuestOptions.ofPairs(2), 2),
                new Vm("bob", "runtime: 150us, period: 1ms", GuestOptions.ofPairs(2), 2))) {
            EmbeddedGuest alice = network.guest(0).guest();
            for (int round = 0; round < 20; round++) {
                network.play(Duration.ofMillis(10), () -> {
                    for (int pair = 0; pair < 2; pair++) {
                        network.guest(pair).flood(LENGTH, network.guest(2 + pair));
                        network.guest(2 + pair).flood(LENGTH, network.guest(pair));
                    }
                    takeAll(network.guest(0), network.guest(1), network.guest(2), network.guest(3));
                });
                // While all queues are full. Told that its queues stopped, it checks where they did.
                boolean orderly = round % 2 == 0;
                reattach(alice, orderly);
            }
            for (int pair = 0; pair < 2; pair++) {
                NumberedGuest from = network.guest(2 + pair);
                NumberedGuest to = network.guest(pair);
                long before = to.receivedFrom(from);
                network.playUntil(
                        "frames of queue pair " + pair + " still come", () -> to.receivedFrom(from) > before, () -> {
                            from.flood(LENGTH, to);
                            takeAll(to);
                        });
                assertThat(to.violations()).isEmpty();
                assertThat(from.violations()).isEmpty();
            }
        }
    }

    private static void reattach(EmbeddedGuest guest, boolean orderly) {
        try {
            if (orderly) {
                guest.detach();
            }
            guest.attach();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

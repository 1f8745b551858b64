package io.ringfence.dataplane.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.dataplane.control.PlayedNetwork.Vm;
import io.ringfence.dataplane.telemetry.Counter;
import io.ringfence.vhostuser.frontend.GuestOptions;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a receive queue without buffers costs the other queues of its VM, where one worker has them all. */
@RequiresDataplaneCpu
@Timeout(120)
class StarvedQueueTest {
    private static final int ALL = Integer.MAX_VALUE;
    private static final int LENGTH = 60;
    private static final long MODEST_NANOS = 500_000;
    private static final int MODEST_FRAMES = 2_000;

    @TempDir
    private Path folder;

    private long modestDueNanos;

    @Test
    void shouldBringFramesToItsOtherQueuesWhenOneHasNoBuffers() throws Exception {
        try (PlayedNetwork network = new PlayedNetwork(
                folder,
                new Vm("alice", "runtime: 200us, period: 1ms", GuestOptions.ofPairs(2)),
                new Vm("bob", "runtime: 200us, period: 1ms", GuestOptions.ofPairs(2)))) {
            NumberedGuest flooding = network.guest(0);
            NumberedGuest modest = network.guest(1);
            NumberedGuest starved = network.guest(2);
            NumberedGuest receiver = network.guest(3);
            starved.guest().receive(0).stopPosting();
            modestDueNanos = System.nanoTime();
            Runnable step = () -> {
                flooding.flood(LENGTH, starved);
                long now = System.nanoTime();
                while (now - modestDueNanos >= 0 && modest.send(receiver, LENGTH)) {
                    modestDueNanos += MODEST_NANOS;
                }
                modest.flush();
                receiver.take(ALL);
                starved.take(ALL);
            };
            network.playUntil(
                    "the other queue pair sends what takes 1 s", () -> modest.sentTo(receiver) >= MODEST_FRAMES, step);
            long sent = modest.sentTo(receiver);
            network.playUntil(
                    "those frames arrive beside the flood", () -> receiver.receivedFrom(modest) >= sent, step);
            assertThat(network.count(3, Counter.DROPPED_STARVED_QUEUE)).isPositive();

            starved.guest().receive(0).startPosting();
            network.playUntil(
                    "all frames have arrived or are counted",
                    () -> starved.received() + receiver.received() + droppedOf(network)
                            == flooding.sentTo(starved) + modest.sentTo(receiver),
                    () -> {
                        starved.take(ALL);
                        receiver.take(ALL);
                    });
            assertThat(receiver.receivedFrom(modest))
                    .as("they may find the handoff full of others, but not often")
                    .isGreaterThan(modest.sentTo(receiver) * 4 / 5);
            assertThat(starved.receivedFrom(flooding))
                    .as("frames once buffers came")
                    .isPositive();
            assertThat(receiver.violations()).isEmpty();
            assertThat(starved.violations()).isEmpty();
        }
    }

    private static long droppedOf(PlayedNetwork network) {
        return network.count(0, Counter.DROPPED_CONGESTED) + network.count(3, Counter.DROPPED_STARVED_QUEUE);
    }
}

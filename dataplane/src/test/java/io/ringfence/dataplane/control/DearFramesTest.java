package io.ringfence.dataplane.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.dataplane.control.PlayedNetwork.Vm;
import io.ringfence.dataplane.telemetry.Counter;
import io.ringfence.vhostuser.frontend.GuestOptions;
import io.ringfence.vhostuser.frontend.QueueOptions;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Frames that cost much CPU time for few bytes cost that of their sender's worker alone. */
@RequiresDataplaneCpu
@Timeout(120)
class DearFramesTest {
    private static final int VICTIM = 0;
    private static final int SERVER = 1;
    private static final int DEAR = 2;
    private static final int SINK = 3;
    private static final int VICTIM_LENGTH = 60;
    private static final int DEAR_LENGTH = 300;
    private static final int DESCRIPTORS = 250;
    private static final long PACE_NANOS = 50_000;
    private static final int ALL = Integer.MAX_VALUE;

    @TempDir
    private Path folder;

    /**
     * What the victim's frames cost, and what its neighbour's did.
     *
     * @param sendingTime part of the time for which the victim could send
     * @param receiversShare share of the CPU of both receivers' workers
     * @param overruns per period in which the neighbour's worker spent its budget
     */
    private record Result(
            double sendingTime,
            double cpuNanosPerFrame,
            double neighbourCpuNanosPerFrame,
            double neighbourShare,
            double receiversShare,
            double overruns) {}

    private static GuestOptions sending(int descriptors) {
        QueueOptions queue = QueueOptions.ofSize(256);
        return GuestOptions.ofPairs(1).withTransmit(descriptors == 1 ? queue : queue.withIndirectTables(descriptors));
    }

    /** The neighbour floods another receiver, or the victim's, with frames of one descriptor first and then of many. */
    @ParameterizedTest
    @ValueSource(ints = {SINK, SERVER})
    void shouldCostTheirSenderOnly(int receiver) throws Exception {
        Result plain = run(1, receiver);
        Result dear = run(DESCRIPTORS, receiver);

        assertThat(dear.sendingTime).as("time for which the victim could send").isGreaterThan(0.98);
        assertThat(dear.cpuNanosPerFrame / plain.cpuNanosPerFrame)
                .as(
                        "CPU time of the victim's worker for a frame, against that beside plain frames: %s, %s",
                        dear, plain)
                .isLessThan(1.5); // seen: 0.7 to 1.1
        assertThat(dear.neighbourCpuNanosPerFrame / plain.neighbourCpuNanosPerFrame)
                .as("the same of the neighbour's")
                .isGreaterThan(10); // seen: 25 to 36
        assertThat(dear.neighbourShare)
                .as("its share of the CPU, of which it has 0.2")
                .isBetween(0.1, 0.21);
        assertThat(dear.receiversShare).as("what the receivers' workers use").isLessThan(0.05);
        // A batch of 64 such frames would take longer than the whole runtime, and each period would be overrun.
        assertThat(dear.overruns)
                .as("overruns: %s, %s", dear, plain)
                .isLessThan(0.5); // seen: 0.15 to 0.21, plain 0.09 to 0.21
    }

    private Result run(int descriptors, int receiver) throws Exception {
        try (PlayedNetwork network = new PlayedNetwork(
                folder,
                new Vm("victim", "runtime: 100us, period: 500us"),
                new Vm("server", "runtime: 100us, period: 1ms"),
                new Vm("dear", "runtime: 200us, period: 1ms", sending(descriptors)),
                new Vm("sink", "runtime: 100us, period: 1ms"))) {
            NumberedGuest victim = network.guest(VICTIM);
            NumberedGuest server = network.guest(SERVER);
            NumberedGuest sink = network.guest(SINK);
            long[] dueNanos = {System.nanoTime()};
            Runnable step = () -> {
                network.guest(DEAR).flood(DEAR_LENGTH, network.guest(receiver));
                while (System.nanoTime() - dueNanos[0] >= 0 && victim.send(server, VICTIM_LENGTH)) {
                    dueNanos[0] += PACE_NANOS;
                }
                victim.flush();
                sink.take(ALL);
                server.take(ALL);
            };
            network.play(Duration.ofSeconds(1), step); // until all of it is compiled
            dueNanos[0] = System.nanoTime();
            Snapshot before = new Snapshot(network);
            network.play(Duration.ofSeconds(2), step);
            Snapshot after = new Snapshot(network);
            network.playUntil(
                    "all of the victim's frames arrive",
                    () -> server.receivedFrom(victim) == victim.sentTo(server),
                    () -> {
                        server.take(ALL);
                        sink.take(ALL);
                    });
            assertThat(network.drops(VICTIM)).as("drops of the victim").isEmpty();
            assertThat(server.violations()).isEmpty();
            return after.since(before);
        }
    }

    /** Sums at one moment. */
    private static final class Snapshot {
        private final long nanos = System.nanoTime();
        private final long[] cpuNanos = new long[4];
        private final long[] frames = new long[4];
        private final long yields;
        private final long overruns;

        Snapshot(PlayedNetwork network) {
            for (int member = 0; member < 4; member++) {
                cpuNanos[member] = network.cpuNanos(member);
                frames[member] = network.count(member, Counter.TRANSMITTED_FRAMES);
            }
            yields = network.count(DEAR, Counter.YIELDS);
            overruns = network.count(DEAR, Counter.THROTTLES);
        }

        private double cpuNanosPerFrame(Snapshot before, int member) {
            return (double) (cpuNanos[member] - before.cpuNanos[member]) / (frames[member] - before.frames[member]);
        }

        private double share(Snapshot before, int member) {
            return (double) (cpuNanos[member] - before.cpuNanos[member]) / (nanos - before.nanos);
        }

        Result since(Snapshot before) {
            return new Result(
                    (double) (frames[VICTIM] - before.frames[VICTIM]) * PACE_NANOS / (nanos - before.nanos),
                    cpuNanosPerFrame(before, VICTIM),
                    cpuNanosPerFrame(before, DEAR),
                    share(before, DEAR),
                    share(before, SERVER) + share(before, SINK),
                    (double) (overruns - before.overruns) / (yields - before.yields));
        }
    }
}

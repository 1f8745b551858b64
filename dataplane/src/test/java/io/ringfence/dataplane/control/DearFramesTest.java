package io.ringfence.dataplane.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.dataplane.control.PlayedNetwork.Vm;
import io.ringfence.dataplane.telemetry.Counter;
import io.ringfence.vhostuser.frontend.GuestOptions;
import io.ringfence.vhostuser.frontend.QueueOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
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
    private static final int PLAIN = 4;
    private static final int MEMBERS = 5;
    private static final int VICTIM_LENGTH = 60;
    private static final int DEAR_LENGTH = 300;
    private static final int DESCRIPTORS = 250;
    private static final long PACE_NANOS = 50_000;
    private static final int ALL = Integer.MAX_VALUE;
    private static final Duration SETTLING = Duration.ofMillis(100);
    private static final Duration WINDOW = Duration.ofMillis(200);
    private static final int PAIRS = 11;

    @TempDir
    private Path folder;

    /**
     * What the victim's frames cost in a window, and what its neighbour's did.
     *
     * @param sendingTime part of the time for which the victim could send
     * @param neighbourShare share of the CPU of the flooding neighbour's worker
     * @param receiversShare share of the CPU of both receivers' workers
     * @param yields of the neighbour's worker: periods in which it spent its budget
     * @param overruns of the same
     */
    private record Result(
            double sendingTime,
            double cpuNanosPerFrame,
            double neighbourCpuNanosPerFrame,
            double neighbourShare,
            double receiversShare,
            long yields,
            long overruns) {}

    private static GuestOptions sendingManyDescriptors() {
        return GuestOptions.ofPairs(1).withTransmit(QueueOptions.ofSize(256).withIndirectTables(DESCRIPTORS));
    }

    /**
     * The neighbours flood another receiver, or the victim's, in turn: one with frames of one descriptor, one with frames
     * of many.
     */
    @ParameterizedTest
    @ValueSource(ints = {SINK, SERVER})
    void shouldCostTheirSenderOnly(int receiver) throws Exception {
        try (PlayedNetwork network = new PlayedNetwork(
                folder,
                new Vm("victim", "runtime: 100us, period: 500us"),
                new Vm("server", "runtime: 100us, period: 1ms"),
                new Vm("dear", "runtime: 200us, period: 1ms", sendingManyDescriptors()),
                new Vm("sink", "runtime: 100us, period: 1ms"),
                new Vm("plain", "runtime: 200us, period: 1ms"))) {
            Windows.untilCompiled(() -> {
                window(network, PLAIN, receiver);
                window(network, DEAR, receiver);
            });
            List<Result> plain = new ArrayList<>();
            List<Result> dear = new ArrayList<>();
            for (int pair = 0; pair < PAIRS; pair++) {
                plain.add(window(network, PLAIN, receiver));
                dear.add(window(network, DEAR, receiver));
            }

            String all = "%s%nbeside plain frames: %s".formatted(dear, plain);
            assertThat(median(dear, Result::sendingTime))
                    .as("time for which the victim could send: %s", all)
                    .isGreaterThan(0.98);
            assertThat(medianRatio(dear, plain, Result::cpuNanosPerFrame))
                    .as("CPU time of the victim's worker for a frame, against that beside plain frames: %s", all)
                    .isLessThan(1.5); // seen: 1.02, 1.02
            assertThat(medianRatio(dear, plain, Result::neighbourCpuNanosPerFrame))
                    .as("the same of the neighbour's")
                    .isGreaterThan(10); // seen: 34 to 38
            assertThat(median(dear, Result::neighbourShare))
                    .as("its share of the CPU, of which it has 0.2")
                    .isBetween(0.1, 0.21);
            assertThat(median(dear, Result::receiversShare))
                    .as("what the receivers' workers use")
                    .isLessThan(0.05);
            // A batch of 64 such frames would take longer than the whole runtime, and each period would be overrun.
            assertThat((double) dear.stream().mapToLong(Result::overruns).sum()
                            / dear.stream().mapToLong(Result::yields).sum())
                    .as("overruns in a period: %s", all)
                    .isLessThan(0.5); // seen: 0.001 to 0.003

            NumberedGuest victim = network.guest(VICTIM);
            NumberedGuest server = network.guest(SERVER);
            network.playUntil(
                    "all of the victim's frames arrive",
                    () -> server.receivedFrom(victim) == victim.sentTo(server),
                    () -> takeAll(network));
            assertThat(network.drops(VICTIM)).as("drops of the victim").isEmpty();
            assertThat(server.violations()).isEmpty();
        }
    }

    private static double median(List<Result> results, ToDoubleFunction<Result> figure) {
        return Windows.median(results.stream().mapToDouble(figure).toArray());
    }

    private static double medianRatio(List<Result> these, List<Result> those, ToDoubleFunction<Result> figure) {
        return Windows.median(IntStream.range(0, these.size())
                .mapToDouble(i -> figure.applyAsDouble(these.get(i)) / figure.applyAsDouble(those.get(i)))
                .toArray());
    }

    /** What happens beside a neighbour that floods that receiver, once its predecessor's frames are gone. */
    private static Result window(PlayedNetwork network, int neighbour, int receiver) {
        NumberedGuest victim = network.guest(VICTIM);
        NumberedGuest server = network.guest(SERVER);
        long[] dueNanos = {System.nanoTime()};
        Runnable step = () -> {
            network.guest(neighbour).flood(DEAR_LENGTH, network.guest(receiver));
            while (System.nanoTime() - dueNanos[0] >= 0 && victim.send(server, VICTIM_LENGTH)) {
                dueNanos[0] += PACE_NANOS;
            }
            victim.flush();
            takeAll(network);
        };
        network.play(SETTLING, step);
        dueNanos[0] = System.nanoTime();
        Snapshot before = new Snapshot(network, neighbour);
        network.play(WINDOW, step);
        return new Snapshot(network, neighbour).since(before);
    }

    private static void takeAll(PlayedNetwork network) {
        network.guest(SERVER).take(ALL);
        network.guest(SINK).take(ALL);
    }

    /** Sums at one moment. */
    private static final class Snapshot {
        private final int neighbour;
        private final long nanos = System.nanoTime();
        private final long[] cpuNanos = new long[MEMBERS];
        private final long[] frames = new long[MEMBERS];
        private final long yields;
        private final long overruns;

        Snapshot(PlayedNetwork network, int neighbour) {
            this.neighbour = neighbour;
            for (int member = 0; member < MEMBERS; member++) {
                cpuNanos[member] = network.cpuNanos(member);
                frames[member] = network.count(member, Counter.TRANSMITTED_FRAMES);
            }
            yields = network.count(neighbour, Counter.YIELDS);
            overruns = network.count(neighbour, Counter.THROTTLES);
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
                    cpuNanosPerFrame(before, neighbour),
                    share(before, neighbour),
                    share(before, SERVER) + share(before, SINK),
                    yields - before.yields,
                    overruns - before.overruns);
        }
    }
}

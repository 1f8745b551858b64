package io.ringfence.dataplane.path;

import static io.ringfence.dataplane.path.Frames.BROADCAST;
import static io.ringfence.dataplane.path.Frames.address;
import static io.ringfence.dataplane.path.Frames.frame;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.dataplane.control.Lan;
import io.ringfence.dataplane.port.SendLimit;
import io.ringfence.dataplane.telemetry.Counter;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a VM's limit does to its frames, in simulated time: a visit takes one batch. */
class SendLimitTest {
    private static final long SECOND = 1_000_000_000;
    private static final int PAIRS = 3;
    private static final long START = 1_000;

    private final List<AutoCloseable> open = new ArrayList<>();

    private final RawGuest sender = new RawGuest(RawGuest.MODERN, 256, PAIRS);
    private final RawGuest receiver = RawGuest.of(RawGuest.MODERN);

    private Lan lan(long framesPerSecond, long bitsPerSecond, int burst) {
        SendLimit limit = new SendLimit(framesPerSecond, bitsPerSecond, burst, Lan.MAX_FRAME_LENGTH, START);
        Lan lan = Lan.withLimit(2, 0, limit);
        open.add(lan);
        lan.port(0).configure(sender.state());
        lan.port(1).configure(receiver.state());
        return lan;
    }

    @AfterEach
    void detach() throws Exception {
        for (AutoCloseable resource : open) {
            resource.close();
        }
        sender.close();
        receiver.close();
    }

    private void send(int pair, int length) {
        sender.send(pair, frame(address(1), address(0), length));
    }

    /** One batch at this time; returns the lengths of the frames that arrived. */
    private List<Integer> visit(Lan lan, long nanos) {
        lan.port(0).visit(START + nanos, System.nanoTime());
        return receiver.received().stream().map(bytes -> bytes.length).toList();
    }

    @Test
    void shouldLeaveInTheGuestsRingWhatIsAboveTheLimit() {
        Lan lan = lan(1_000, 0, 10);
        receiver.offer(64, 2048);
        for (int i = 0; i < 12; i++) {
            send(0, 60);
        }
        assertThat(visit(lan, 0)).hasSize(10);
        assertThat(visit(lan, 0)).isEmpty();
        assertThat(lan.port(0).heldBackNanos()).as("the next is due in 1 ms").isEqualTo(SECOND / 1_000);
        assertThat(visit(lan, SECOND / 1_000 - 1)).isEmpty();
        assertThat(lan.port(0).heldBackNanos()).isEqualTo(1_000_000);
        assertThat(visit(lan, SECOND / 1_000)).hasSize(1);
        assertThat(visit(lan, 20 * SECOND)).hasSize(1);
        assertThat(lan.port(0).heldBackNanos()).isZero();
        assertThat(lan.drops()).isZero();
        assertThat(lan.count(0, Counter.LIMITED_VISITS)).isEqualTo(2);
        assertThat(lan.count(0, Counter.TRANSMITTED_FRAMES)).isEqualTo(12);
    }

    @Test
    void shouldComeBackForManyFramesAtOnceWhenTheLimitIsHigh() {
        Lan lan = lan(1_000_000, 0, 100);
        receiver.offer(200, 2048);
        for (int i = 0; i < 150; i++) {
            send(0, 60);
        }
        assertThat(visit(lan, 0)).hasSize(64);
        assertThat(visit(lan, 0)).hasSize(36);
        assertThat(visit(lan, 0)).isEmpty();
        assertThat(lan.port(0).heldBackNanos())
                .as("half the burst, not the microsecond of one frame")
                .isEqualTo(50_000);
    }

    @Test
    void shouldNeitherAskForKicksNorCallForPollingWhileFramesAreHeldBack() {
        Lan lan = lan(1, 0, 1);
        receiver.offer(8, 2048);
        send(0, 60);
        send(0, 60);
        visit(lan, 0);
        visit(lan, 0);
        assertThat(lan.port(0).heldBackNanos()).isEqualTo(SECOND);
        assertThat(lan.port(0).mustComeBack()).isFalse();
        assertThat(lan.port(0).arm()).as("may block").isFalse();
    }

    @Test
    void shouldServeQueuesInTurnWhenThereIsNotEnoughForAll() {
        Lan lan = lan(1_000, 0, 1);
        for (int i = 0; i < 30; i++) {
            send(0, 60);
            send(1, 61);
            send(2, 62);
        }
        List<Integer> lengths = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            receiver.offer(1, 2048);
            lengths.addAll(visit(lan, i * SECOND / 1_000));
        }
        assertThat(lengths).hasSize(30);
        for (int length = 60; length < 63; length++) {
            int wanted = length;
            assertThat(lengths.stream().filter(each -> each == wanted)).hasSize(10);
        }
    }

    @Test
    void shouldLetALongFrameThroughWhenOtherQueuesHaveShortOnes() {
        long bits = 8 * 60;
        Lan lan = lan(0, bits, 1); // as much as one short frame a second
        receiver.offer(128, 2048);
        send(0, Lan.MAX_FRAME_LENGTH);
        visit(lan, 0);
        send(0, Lan.MAX_FRAME_LENGTH);
        for (int i = 0; i < 50; i++) {
            send(1, 60);
        }
        List<Integer> lengths = new ArrayList<>();
        for (int second = 1; second <= 50; second++) {
            lengths.addAll(visit(lan, second * SECOND));
        }
        assertThat(lengths).contains(Lan.MAX_FRAME_LENGTH);
        assertThat(lengths.stream().mapToInt(Integer::intValue).sum()).isBetween(50 * 60 - 60, 50 * 60);
    }

    @Test
    void shouldNotChargeForAFrameThatWaitsForItsReceiver() {
        Lan lan = lan(1, 8L * Lan.MAX_FRAME_LENGTH, 5);
        for (int i = 0; i < 5; i++) {
            send(0, Lan.MAX_FRAME_LENGTH);
        }
        for (int i = 0; i < 20; i++) {
            assertThat(visit(lan, i)).isEmpty();
        }
        receiver.offer(8, 2048);
        assertThat(visit(lan, 100)).hasSize(5);
        assertThat(lan.count(0, Counter.LIMITED_VISITS)).isZero();
    }

    @Test
    void shouldDropAnOversizeFrameRatherThanWaitForItForEver() {
        Lan lan = lan(0, 8L * Lan.MAX_FRAME_LENGTH, 1);
        receiver.offer(8, 2048);
        send(0, 65_000);
        send(0, 60);
        visit(lan, 0);
        assertThat(visit(lan, SECOND)).containsExactly(60);
        assertThat(lan.count(0, Counter.DROPPED_OVERSIZE)).isEqualTo(1);
    }

    @Test
    void shouldCountAFloodedFrameOnce() {
        SendLimit limit = new SendLimit(1, 0, 3, Lan.MAX_FRAME_LENGTH, START);
        Lan lan = Lan.withLimit(4, 0, limit);
        open.add(lan);
        lan.port(0).configure(sender.state());
        lan.port(1).configure(receiver.state());
        receiver.offer(8, 2048);
        for (int i = 0; i < 5; i++) {
            sender.send(0, frame(BROADCAST, address(0), 60));
        }
        assertThat(visit(lan, 0)).hasSize(3);
    }

    @Test
    void shouldNotLimitWhatTheVmReceives() {
        Lan lan = lan(1, 1_000, 1);
        sender.offer(100, 2048);
        for (int i = 0; i < 100; i++) {
            receiver.send(frame(address(0), address(1), 60));
        }
        lan.visit(1);
        assertThat(sender.received()).hasSize(100);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void shouldKeepBothLimitsOverEveryIntervalAndUseThemUp(long seed) {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        long framesPerSecond = random.nextLong(1_000, 20_000);
        long bitsPerSecond = random.nextLong(1_000_000, 50_000_000);
        int burst = random.nextInt(1, 40);
        Lan lan = lan(framesPerSecond, bitsPerSecond, burst);
        // Often enough to lose nothing of what the buckets earn.
        long step = Math.max(1, burst * SECOND / framesPerSecond / 4);
        Interval frames = new Interval(framesPerSecond, burst);
        Interval bits = new Interval(bitsPerSecond, 8L * burst * Lan.MAX_FRAME_LENGTH);
        int waiting = 0;
        long now = 0;
        for (int i = 0; i < 150; i++) {
            while (waiting < 120) {
                send(random.nextInt(PAIRS), random.nextInt(60, Lan.MAX_FRAME_LENGTH + 1));
                waiting++;
            }
            receiver.offer(64 - receiver.receiver().inFlight(), 2048);
            List<Integer> arrived = visit(lan, now);
            waiting -= arrived.size();
            frames.sent(now, arrived.size());
            bits.sent(now, 8L * arrived.stream().mapToInt(Integer::intValue).sum());
            now += random.nextLong(1, step);
        }
        assertThat(frames.worst).isLessThanOrEqualTo((double) frames.burst);
        assertThat(bits.worst).isLessThanOrEqualTo((double) bits.burst);
        assertThat(lan.drops()).isZero();
        double used = Math.max(frames.used(now), bits.used(now));
        assertThat(used).as("share used of the tighter limit").isBetween(0.95, 1.0);
    }

    /** What went through above the rate, over the worst of all intervals. */
    private static final class Interval {
        final double perNano;
        final long burst;
        double worst;
        private double lowest;
        private long total;

        Interval(long perSecond, long burst) {
            perNano = perSecond / 1e9;
            this.burst = burst;
        }

        void sent(long now, long amount) {
            lowest = Math.min(lowest, total - perNano * now);
            total += amount;
            worst = Math.max(worst, total - perNano * now - lowest);
        }

        double used(long now) {
            return total / (burst + perNano * now);
        }
    }
}

package io.ringfence.dataplane.path;

import static io.ringfence.dataplane.path.Frames.address;
import static io.ringfence.dataplane.path.Frames.frame;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.dataplane.control.Lan;
import io.ringfence.dataplane.delivery.Held;
import io.ringfence.dataplane.telemetry.Counter;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a VM's counters say of the time that its frames spent inside Ringfence. */
class LatencyTest {
    private static final long PAUSE_NANOS = 3_000_000;

    @RegisterExtension
    private final RawGuests attached = RawGuests.known(Lan.of(3), 256);

    private final Lan lan = attached.lan;
    private final RawGuest[] guests = attached.guests;

    private void send(int from, int to, int frames) {
        for (int i = 0; i < frames; i++) {
            guests[from].send(frame(address(to), address(from), 60));
        }
    }

    private static void pause() {
        long until = System.nanoTime() + PAUSE_NANOS;
        while (System.nanoTime() - until < 0) {
            LockSupport.parkNanos(until - System.nanoTime());
        }
    }

    @Test
    void shouldCountFromTheFirstLookWhenFramesGoStraight() {
        guests[1].offer(32, 2048);
        send(0, 1, 3);
        pause(); // before anybody looks
        long began = System.nanoTime();
        lan.visit(0);
        long took = System.nanoTime() - began;
        assertThat(guests[1].received()).hasSize(3);
        assertThat(lan.count(0, Counter.WORST_LATENCY_NANOS)).isPositive().isLessThanOrEqualTo(took);
        assertThat(lan.count(0, Counter.WORST_HELD_UP_LATENCY_NANOS)).isZero();
        assertThat(lan.count(0, Counter.WAITING_FRAMES)).isZero();
    }

    @Test
    void shouldCountWhatWaitsInAllQueuesWhenABurstIsSpreadOverThem() {
        try (RawGuest wide = new RawGuest(RawGuest.MODERN, 256, 4)) {
            lan.port(2).configure(wide.state());
            guests[1].offer(256, 2048);
            for (int pair = 0; pair < 4; pair++) {
                sendOver(wide, pair, 50);
            }
            lan.visit(2);
            assertThat(guests[1].received()).hasSize(200);
            assertThat(lan.count(2, Counter.MOST_WAITING_FRAMES)).isEqualTo(200);
            guests[1].offer(200, 2048);
            for (int turn = 0; turn < 3; turn++) {
                sendOver(wide, turn, 60);
                lan.visit(2);
            }
            assertThat(lan.count(2, Counter.MOST_WAITING_FRAMES))
                    .as("at once, not one after the other")
                    .isEqualTo(200);
            lan.port(2).configure(guests[2].state());
        }
    }

    private static void sendOver(RawGuest guest, int pair, int frames) {
        for (int i = 0; i < frames; i++) {
            guest.send(pair, frame(address(1), address(2), 60));
        }
    }

    @Test
    void shouldTellFramesHeldUpByTheirReceiverApart() {
        send(0, 1, 5);
        lan.visit(0);
        assertThat(lan.count(0, Counter.WAITING_FRAMES)).isEqualTo(5);
        long began = System.nanoTime();
        guests[1].offer(32, 2048);
        while (System.nanoTime() - began < 500_000) {
            Thread.onSpinWait();
        }
        lan.settle();
        assertThat(guests[1].received()).hasSize(5);
        assertThat(lan.count(0, Counter.WORST_HELD_UP_LATENCY_NANOS)).isGreaterThan(500_000);
        assertThat(lan.count(0, Counter.WAITING_FRAMES)).isZero();
    }

    @Test
    void shouldIncludeTheWaitInTheHandoffWhenTheReceiverWasContended() {
        guests[1].offer(32, 2048);
        Held.claim(lan.receive(1), 2);
        send(0, 1, 4);
        long began = System.nanoTime();
        lan.visit(0);
        long took = System.nanoTime() - began;
        assertThat(lan.count(0, Counter.HANDED_OFF_FRAMES)).isEqualTo(4);
        assertThat(lan.count(0, Counter.WORST_LATENCY_NANOS))
                .as("before they have arrived")
                .isLessThanOrEqualTo(took);
        pause();
        Held.release(lan.receive(1));
        lan.visit(1);
        assertThat(guests[1].received()).hasSize(4);
        // Carried in units of 1024 ns.
        assertThat(lan.count(0, Counter.WORST_LATENCY_NANOS)).isGreaterThanOrEqualTo(PAUSE_NANOS - 1024);
        assertThat(lan.count(1, Counter.WORST_LATENCY_NANOS))
                .as("they are the sender's frames")
                .isZero();
    }

    @Test
    void shouldNotBlameTheHostWhenHandedOffFramesWaitedForBuffers() {
        long now = System.nanoTime();
        send(0, 1, 3);
        lan.port(0).visit(now, now + 1);
        lan.port(0).visit(now + 2_001_000, now + 2_001_001);
        assertThat(lan.count(0, Counter.HANDED_OFF_FRAMES)).isPositive();
        lan.visit(1);
        pause();
        guests[1].offer(32, 2048);
        lan.visit(1);
        assertThat(guests[1].received()).hasSize(3);
        assertThat(lan.count(0, Counter.WORST_HELD_UP_LATENCY_NANOS)).isGreaterThanOrEqualTo(PAUSE_NANOS);
    }
}

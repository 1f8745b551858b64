package io.ringfence.dataplane.path;

import static io.ringfence.dataplane.path.Frames.address;
import static io.ringfence.dataplane.path.Frames.frame;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.dataplane.control.Lan;
import io.ringfence.dataplane.port.GuestPort;
import io.ringfence.dataplane.telemetry.Counter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A receiver that has no buffers, or that does not keep up. */
class SlowReceiverTest {
    @RegisterExtension
    private final RawGuests attached = RawGuests.known(Lan.of(4), 1024);

    private final Lan lan = attached.lan;
    private final RawGuest[] guests = attached.guests;

    @Test
    void shouldLeaveDearBuffersToTheReceiverWhenFramesWaitForIt() {
        try (RawGuest mergeable = new RawGuest(RawGuest.MERGEABLE, 1024, 1)) {
            lan.port(1).configure(mergeable.state());
            mergeable.offer(1000, 16); // a frame of 1514 bytes takes 96 of them
            attached.send(0, 1, 1514, 1514);
            lan.visit(0);
            assertThat(mergeable.received()).isEmpty();
            assertThat(lan.visit(1)).isEqualTo(GuestPort.DONE);
            assertThat(mergeable.received()).hasSize(2);
            lan.port(1).configure(guests[1].state());
        }
    }

    @Test
    void shouldWaitOnceThenHandOffThenDropUntilDrainedWhenReceiverHasNoBuffers() {
        int sent = 0;
        long now = System.nanoTime();
        for (; sent < 100; sent++) {
            attached.send(0, 1, 1514);
        }
        attached.send(0, 2, 99);
        guests[2].offer(16, 2048);
        lan.port(0).visit(now, now + 1);
        assertThat(lan.port(0).visit(now + 1_999_000, now + 1_999_001)).isEqualTo(GuestPort.DONE);
        assertThat(lan.drops() + lan.count(0, Counter.HANDED_OFF_FRAMES))
                .as("still within the time that a frame may wait in its guest's own ring")
                .isZero();
        assertThat(guests[0].transmitter().inFlight()).isEqualTo(101);
        now += 2_001_000;
        lan.port(0).visit(now, now + 10_000_000_000L);
        long handedOff = lan.count(0, Counter.HANDED_OFF_FRAMES);
        assertThat(handedOff).isBetween(30L, 60L);
        assertThat(lan.count(0, Counter.DROPPED_CONGESTED)).isEqualTo(100 - handedOff);
        assertThat(attached.receivedLengths(2)).as("other destinations go on").containsExactly(99);
        attached.send(0, 1, 1000);
        lan.port(0).visit(now, now + 1);
        assertThat(lan.count(0, Counter.DROPPED_CONGESTED)).as("no second wait").isEqualTo(101 - handedOff);
        guests[1].offer(100, 2048);
        lan.settle();
        assertThat(guests[1].received()).hasSize((int) handedOff);
        attached.send(0, 1, 1001);
        lan.settle();
        assertThat(attached.receivedLengths(1)).containsExactly(1001);
        assertThat(lan.total(Counter.RECEIVED_FRAMES) + lan.drops()).isEqualTo(lan.total(Counter.TRANSMITTED_FRAMES));
    }

    @Test
    void shouldKeepOrderAndLoseNothingWhenBuffersComeOneByOne() {
        List<Integer> expected = new ArrayList<>();
        List<Integer> got = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            int length = 60 + i;
            expected.add(length);
            attached.send(0, 1, length);
            if (i % 5 != 0) {
                guests[1].offer(1, 2048);
            }
            lan.visit(0);
            if (i % 2 == 0) {
                lan.visit(1);
            }
            got.addAll(attached.receivedLengths(1));
        }
        guests[1].offer(100, 2048);
        lan.settle();
        got.addAll(attached.receivedLengths(1));
        assertThat(got).isEqualTo(expected);
        assertThat(lan.drops()).isZero();
    }

    @Test
    void shouldKeepFramesWaitingWhenTheWarmUpRehearsesTheirBacklog() {
        attached.send(0, 1, 100, 101, 102);
        long now = System.nanoTime();
        lan.port(0).visit(now, now + 1);
        lan.port(0).visit(now + 2_001_000, now + 2_001_001);
        assertThat(lan.count(0, Counter.HANDED_OFF_FRAMES)).isPositive();

        lan.receive(1).backlog().rehearse();
        assertThat(lan.receive(1).backlogged()).isTrue();
        guests[1].offer(10, 2048);
        lan.settle();
        assertThat(attached.receivedLengths(1)).containsExactly(100, 101, 102);

        lan.receive(1).backlog().rehearse();
        assertThat(lan.receive(1).backlogged()).isFalse();
    }

    @Test
    void shouldShareBytesEvenlyWhenOneOfTwoSendersFloods() {
        int[] received = new int[3];
        for (int round = 0; round < 400; round++) {
            while (guests[0].transmitter().inFlight() < 200) {
                attached.send(0, 3, 60); // floods with the smallest frames
            }
            while (guests[2].transmitter().inFlight() < 60) {
                attached.send(2, 3, 1500); // and the other with large ones
            }
            guests[3].offer(5, 1512);
            long now = System.nanoTime() + round * 1_000_000L;
            lan.port(0).visit(now, now + 1);
            lan.port(2).visit(now, now + 1);
            lan.port(3).visit(now, now + 1);
            guests[0].reclaimed();
            guests[2].reclaimed();
            for (byte[] frame : guests[3].received()) {
                received[frame.length == 60 ? 0 : 2] += frame.length;
            }
        }
        double share = (double) received[0] / (received[0] + received[2]);
        assertThat(share).as("share of the flooding sender in bytes").isBetween(0.42, 0.58);
    }

    @Test
    void shouldTakeInNoMoreFramesThanItSendsWhileItHasSomeToSend() {
        handOff(1, 900);
        guests[1].offer(1000, 2048);
        guests[2].offer(300, 2048);
        for (int i = 0; i < 250; i++) {
            attached.send(1, 2, 61);
        }
        long sent = 0;
        long takenIn = 0;
        for (int batch = 0; lan.receive(1).backlogged(); batch++) {
            assertThat(batch).as("batches so far").isLessThan(100);
            long now = System.nanoTime();
            lan.port(1).visit(now, now); // one batch
            sent = lan.count(1, Counter.TRANSMITTED_FRAMES) - sent;
            takenIn = lan.count(1, Counter.RECEIVED_FRAMES) - takenIn;
            assertThat(takenIn)
                    .as("frames of a batch, of which %d were its own", sent)
                    .isLessThanOrEqualTo(64);
            if (guests[1].transmitter().inFlight() > 0) {
                assertThat(takenIn).as("taken in with a batch of its own").isLessThanOrEqualTo(sent);
            }
            sent = lan.count(1, Counter.TRANSMITTED_FRAMES);
            takenIn = lan.count(1, Counter.RECEIVED_FRAMES);
        }
        assertThat(guests[1].received()).hasSizeGreaterThan(600);
        assertThat(guests[2].received()).hasSize(250);
    }

    /** Has guest 0 hand off frames of 60 bytes, which a guest without buffers does not take. */
    private void handOff(int to, int frames) {
        for (int i = 0; i < frames; i++) {
            attached.send(0, to, 60);
        }
        long now = System.nanoTime();
        lan.port(0).visit(now, now + 1);
        lan.port(0).visit(now + 2_001_000, now + 10_000_000_000L);
        assertThat(lan.count(0, Counter.HANDED_OFF_FRAMES)).isGreaterThan(600);
    }

    @Test
    void shouldBlockOnlyForTheQueueThatLacksBuffersWhenThereAreSeveral() {
        try (Lan pairs = Lan.of(2);
                RawGuest sender = new RawGuest(RawGuest.MODERN, 256, 2);
                RawGuest receiver = new RawGuest(RawGuest.MODERN, 256, 2)) {
            pairs.port(0).configure(sender.state());
            pairs.port(1).configure(receiver.state());
            receiver.offer(1, 8, 2048);
            sender.send(1, frame(address(1), address(0), 60));
            sender.send(0, frame(address(1), address(0), 60));
            long now = System.nanoTime();
            pairs.port(0).visit(now, now + 1);
            pairs.port(0).visit(now + 2_001_000, now + 2_001_001); // has waited long enough, hands off
            receiver.offer(1, 8, 2048);
            assertThat(pairs.visit(1))
                    .as("nothing to do until the first queue gets buffers")
                    .isEqualTo(GuestPort.DRY);
            assertThat(pairs.receive(1).starved()).isTrue();
            receiver.offer(0, 1, 2048);
            pairs.settle();
            assertThat(receiver.received(0)).hasSize(1);
        }
    }

    @Test
    void shouldNotBeSlowedToLessThanHalfByAReceiverThatTakesLittle() {
        // Guest 1 posts a buffer every millisecond only; guest 2 always has some.
        long now = System.nanoTime();
        int sentToTwo = 0;
        for (int millis = 0; millis < 400; millis++) {
            guests[1].offer(1, 2048);
            guests[2].offer(4, 2048);
            attached.send(0, 1, 60);
            attached.send(0, 1, 60);
            attached.send(0, 2, 61);
            sentToTwo++;
            for (int step = 0; step < 20; step++) {
                lan.port(0).visit(now, now + 1);
                now += 50_000;
            }
            lan.visit(1);
            guests[0].reclaimed();
            guests[1].received();
        }
        int arrived = guests[2].received().size();
        assertThat(arrived).as("frames for the willing receiver").isGreaterThan(sentToTwo * 9 / 10);
        assertThat(guests[0].transmitter().inFlight()).as("frames held up").isLessThan(64);
    }

    @Test
    void shouldNotBeSlowedToLessThanHalfByTwoReceiversThatTakeTurnsInMakingItWait() {
        // Guests 1 and 3 post a buffer when a frame has waited for it nearly as long as one may; guest 2 always has
        // some.
        int[] pattern = {1, 3, 2};
        guests[2].offer(400, 2048);
        long now = System.nanoTime();
        int sent = 0;
        int taken = 0;
        int stepsWaited = 0;
        for (int millis = 0; millis < 300; millis++) {
            attached.send(0, 1, 60);
            attached.send(0, 3, 60);
            attached.send(0, 2, 61);
            sent += pattern.length;
            for (int step = 0; step < 20; step++) {
                lan.port(0).visit(now, now + 1);
                now += 50_000;
                int takenNow = sent - guests[0].transmitter().inFlight();
                stepsWaited = takenNow == taken ? stepsWaited + 1 : 0;
                taken = takenNow;
                if (stepsWaited == 38) {
                    guests[pattern[taken % pattern.length]].offer(1, 2048);
                }
            }
            lan.visit(1);
            lan.visit(3);
            guests[0].reclaimed();
        }
        assertThat(guests[2].received()).as("frames for the willing receiver").hasSizeGreaterThan(300 * 9 / 10);
        assertThat(guests[0].transmitter().inFlight()).as("frames held up").isLessThan(64);
    }

    @Test
    void shouldWaitAnewWhenItsGuestHasRestartedMeanwhile() {
        long now = System.nanoTime();
        long later = now + 3_600_000_000_000L;
        attached.send(0, 1, 60);
        lan.port(0).visit(now, now);
        guests[0].restart();
        lan.port(0).configure(guests[0].state());
        lan.port(0).visit(later, later);
        assertThat(guests[0].transmitter().inFlight()).isEqualTo(1);
        lan.port(0).visit(later + 2_001_000, later + 2_001_000);
        assertThat(guests[0].transmitter().inFlight())
                .as("as long as any other")
                .isZero();
        attached.send(0, 3, 60);
        lan.port(0).visit(later + 6_000_000, later + 6_000_000);
        assertThat(guests[0].transmitter().inFlight())
                .as("nor has it waited for an hour")
                .isEqualTo(1);
    }
}

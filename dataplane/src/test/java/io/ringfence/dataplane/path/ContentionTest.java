package io.ringfence.dataplane.path;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.dataplane.control.Lan;
import io.ringfence.dataplane.delivery.Held;
import io.ringfence.dataplane.port.GuestPort;
import io.ringfence.dataplane.telemetry.Counter;
import io.ringfence.scheduler.NativeThread;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A receiver that somebody else is filling. */
class ContentionTest {
    @RegisterExtension
    private final RawGuests attached = RawGuests.known(Lan.of(4), 1024);

    private final Lan lan = attached.lan;
    private final RawGuest[] guests = attached.guests;

    /** Guest 0 has sent frames of 60 and 61 bytes to guest 1, which another worker is filling. */
    private void handOffToHeldReceiver() {
        guests[1].offer(64, 2048);
        Held.claim(lan.receive(1), 3);
        attached.send(0, 1, 60, 61);
        lan.visit(0);
    }

    @Test
    void shouldDeliverInOrderAfterReleaseWhenClaimWasHeld() {
        guests[1].offer(64, 2048);
        assertThat(lan.receive(1).tryClose())
                .as("held as by a worker in the middle of a batch")
                .isTrue();
        lan.receive(1).reopen(List.of(), guests[1].table);
        lan.port(1).configure(guests[1].state());
        Held.claim(lan.receive(1), 3);
        attached.send(0, 1, 60, 61, 62);
        attached.send(2, 1, 70, 71);
        assertThat(lan.visit(0)).isEqualTo(GuestPort.DONE);
        assertThat(lan.visit(2)).isEqualTo(GuestPort.DONE);
        assertThat(guests[1].received()).isEmpty();
        assertThat(lan.visit(1)).as("nothing to be done, but not idle").isEqualTo(GuestPort.DONE);
        assertThat(lan.count(0, Counter.CLAIMS_MISSED)).isPositive();
        Held.release(lan.receive(1));
        attached.send(0, 1, 63);
        lan.visit(0);
        lan.settle();
        List<Integer> got = attached.receivedLengths(1);
        assertThat(got.stream().filter(l -> l < 70)).containsExactly(60, 61, 62, 63);
        assertThat(got.stream().filter(l -> l >= 70)).containsExactly(70, 71);
        assertThat(lan.drops()).isZero();
        attached.send(0, 1, 64);
        lan.visit(0);
        assertThat(attached.receivedLengths(1))
                .as("straight again once the backlog is gone")
                .containsExactly(64);
    }

    @Test
    void shouldLookAfterThoseWhoCameMeanwhileWhenABatchEnds() {
        handOffToHeldReceiver();
        assertThat(guests[1].received()).isEmpty();
        Held.release(lan.receive(1));

        attached.send(2, 1, 70);
        lan.visit(2);
        assertThat(attached.receivedLengths(1))
                .as("without the receiver's worker; those who waited first")
                .containsExactly(60, 61, 70);
        assertThat(lan.count(2, Counter.HANDED_OFF_FRAMES))
                .as("a free claim is taken first; who queued instead would keep the others queueing")
                .isZero();
        assertThat(lan.receive(1).backlogged()).isFalse();
        assertThat(lan.visit(1)).isEqualTo(GuestPort.DRY);
    }

    /** Of full frames a handoff holds 42; the next one begins anew, behind what is left at its end. */
    @Test
    void shouldTakeInAFrameAtOnceWhenItLiesBehindTheEndOfTheHandoff() {
        guests[1].offer(200, 2048);
        for (int i = 0; i < 100; i++) {
            Held.claim(lan.receive(1), 3);
            attached.send(0, 1, 1_514);
            lan.visit(0);
            Held.release(lan.receive(1));
            lan.visit(0);
            assertThat(guests[1].received()).as("frame %d", i).hasSize(1);
        }
    }

    @Test
    void shouldComeBackWhileItsFramesWaitForAClaim() {
        handOffToHeldReceiver();
        long later = System.nanoTime() + 1_000_000_000;
        assertThat(lan.port(0).waitsForClaimNanos(later)).isPositive();
        Held.release(lan.receive(1));

        lan.visit(0);

        assertThat(attached.receivedLengths(1))
                .as("without a frame more, nor the receiver's worker")
                .containsExactly(60, 61);
        assertThat(lan.port(0).waitsForClaimNanos(later)).isZero();
    }

    @Test
    void shouldWaitAMomentForAHolderThatRunsOnAnotherCpuOnly() {
        long spinNanos = 10_000;
        long ignored = shortestVisitNanos(16); // until it is compiled
        lan.receive(3).runsOn(1);
        long besideOneThatGoesOn = shortestVisitNanos(16);
        assertThat(besideOneThatGoesOn).isGreaterThanOrEqualTo(spinNanos);
        assertThat(shortestVisitNanos(4)).as("few frames").isLessThan(spinNanos);
        lan.receive(3).runsOn(0);
        assertThat(shortestVisitNanos(16)).as("beside one that stands still").isLessThan(besideOneThatGoesOn);
    }

    /** Of many visits with so many frames whose claim is held, all of which are handed off in the end. */
    private long shortestVisitNanos(int frames) {
        int[] lengths = new int[frames];
        Arrays.fill(lengths, 60);
        long shortest = Long.MAX_VALUE;
        for (int i = 0; i < 2_000; i++) {
            guests[1].offer(frames, 128);
            Held.claim(lan.receive(1), 3);
            attached.send(0, 1, lengths);
            long start = System.nanoTime();
            lan.visit(0);
            shortest = Math.min(shortest, System.nanoTime() - start);
            Held.release(lan.receive(1));
            lan.settle();
            assertThat(guests[1].received()).hasSize(frames);
        }
        return shortest;
    }

    /** The kernel hands the claim over as it does when the holder lets go in the middle of the wait. */
    @Test
    void shouldDeliverWhatWaitedWhenItHasLentItsDeadline() {
        handOffToHeldReceiver();
        Held.release(lan.receive(1));

        try (NativeThread self = new NativeThread()) {
            lan.port(0).lend(self, System.nanoTime() + 1_000_000_000);
        }

        assertThat(attached.receivedLengths(1)).containsExactly(60, 61);
        assertThat(Held.free(lan.receive(1))).isTrue();
        assertThat(lan.port(0).waitsForClaimNanos(System.nanoTime() + 1_000_000))
                .isZero();
    }

    @Test
    void shouldLeaveItsFramesToTheHolderWhenItCannotLend() {
        handOffToHeldReceiver();

        try (NativeThread self = new NativeThread()) {
            lan.port(0).lend(self, System.nanoTime() + 1_000_000);
        }

        assertThat(guests[1].received()).isEmpty();
        assertThat(lan.port(0).waitsForClaimNanos(System.nanoTime() + 1_000_000))
                .isZero();
        Held.release(lan.receive(1));
        lan.settle();
        assertThat(attached.receivedLengths(1)).containsExactly(60, 61);
        assertThat(lan.drops()).isZero();
    }

    @Test
    void shouldTakeInItsOwnHandoffsWhenNobodyHoldsTheClaimAnyMore() {
        guests[1].offer(512, 2048);
        Held.claim(lan.receive(1), 3);
        attached.send(0, 1, 60);
        lan.visit(0);
        Held.release(lan.receive(1));
        for (int i = 0; i < 300; i++) {
            attached.send(0, 1, 61);
        }
        lan.visit(0);
        assertThat(guests[1].received())
                .as("a receiver that has no time does not slow its sender down")
                .hasSize(301);
        assertThat(lan.count(0, Counter.HANDED_OFF_FRAMES))
                .as("only what found the claim held")
                .isOne();
    }

    @Test
    void shouldNotSpinWhenSenderWasPreemptedInTheMiddleOfHandingOff() {
        guests[1].offer(64, 2048);
        Held.halfHandedOff(lan.receive(1), 0, 100);
        long before = System.nanoTime();
        int found = lan.port(1).visit(before, before + 200_000_000);
        assertThat(found).isEqualTo(GuestPort.DONE);
        assertThat(System.nanoTime() - before).as("waits for nobody").isLessThan(100_000_000);
        attached.send(2, 1, 60);
        lan.visit(2);
        lan.visit(1);
        assertThat(guests[1].received()).as("another sender's frames pass").hasSize(1);
    }
}

package io.ringfence.dataplane.path;

import static io.ringfence.dataplane.path.Frames.address;
import static io.ringfence.dataplane.path.Frames.frame;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.dataplane.control.Lan;
import io.ringfence.dataplane.path.RawQueue.Piece;
import io.ringfence.dataplane.telemetry.Counter;
import io.ringfence.vhostuser.backend.DeviceState;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A guest that breaks the rules of a ring loses that queue until it is started anew; nobody else loses anything. */
class HostileRingTest {
    @RegisterExtension
    private final RawGuests attached = RawGuests.known(Lan.of(3), 256);

    private final Lan lan = attached.lan;
    private final RawGuest[] guests = attached.guests;

    @Test
    void shouldStopOnlyThatQueueWhenTransmitRingIsBroken() {
        guests[1].offer(8, 2048);
        guests[0].offer(8, 2048);
        guests[0].send(frame(address(1), address(0), 60));
        guests[0].transmitter().postHead(300);
        guests[0].send(frame(address(1), address(0), 61));
        lan.settle();
        assertThat(guests[1].received()).as("what was sent before the fault").hasSize(1);
        assertThat(lan.port(0).newFault()).contains("queue 1 stopped").contains("outside the descriptor table");
        assertThat(lan.port(0).newFault()).as("told once").isNull();
        guests[2].send(frame(address(0), address(2), 60));
        lan.settle();
        assertThat(lan.count(0, Counter.QUEUE_FAULTS)).isEqualTo(1);
        assertThat(guests[0].received()).as("the receive queue goes on").hasSize(1);
        assertThat(lan.drops()).isZero();
    }

    @Test
    void shouldCarryFramesAgainWhenBrokenGuestIsConfiguredAnew() {
        guests[1].offer(8, 2048);
        guests[0].transmitter().postHead(300);
        lan.settle();
        assertThat(lan.port(0).newFault()).isNotNull();
        lan.port(0).configure(DeviceState.empty());
        try (RawGuest rebooted = RawGuest.of(RawGuest.MODERN)) {
            rebooted.restart();
            lan.port(0).configure(rebooted.state());
            rebooted.send(frame(address(1), address(0), 60));
            lan.settle();
            assertThat(guests[1].received()).hasSize(1);
            assertThat(lan.port(0).newFault()).isNull();
            lan.port(0).configure(DeviceState.empty());
        }
    }

    @Test
    void shouldTellFaultOnceWhenOtherQueueIsConfiguredAfterIt() {
        guests[0].transmitter().postHead(300);
        lan.settle();
        assertThat(lan.port(0).newFault()).isNotNull();
        guests[0].enable(0, false);
        lan.port(0).configure(guests[0].state());
        lan.settle();
        assertThat(lan.port(0).newFault()).isNull();
        assertThat(lan.count(0, Counter.QUEUE_FAULTS)).isEqualTo(1);
    }

    @Test
    void shouldCostSendersOnlyCountedDropsWhenReceiveRingIsBroken() {
        guests[1].offer(1, 2048);
        guests[1].receiver().postHead(999);
        guests[1].offer(8, 2048);
        guests[2].offer(8, 2048);
        for (int i = 0; i < 4; i++) {
            guests[0].send(frame(address(1), address(0), 60));
            guests[0].send(frame(address(2), address(0), 60));
        }
        lan.settle();
        assertThat(guests[1].received()).as("before the fault").hasSize(1);
        assertThat(guests[2].received()).as("the other destination").hasSize(4);
        assertThat(lan.count(0, Counter.DROPPED_NO_RECEIVER)).isEqualTo(3);
        assertThat(lan.drops()).isEqualTo(3);
        assertThat(lan.port(1).newFault()).contains("queue 0 stopped");
        assertThat(lan.port(1).newFault()).isNull();
        assertThat(lan.port(0).newFault()).isNull();
    }

    @Test
    void shouldNeverUseStoppedReceiveRingAgainWhenGuestMendsIt() {
        guests[1].receiver().postHead(999);
        guests[1].offer(4, 2048);
        guests[0].send(frame(address(1), address(0), 60));
        lan.settle();
        assertThat(lan.count(0, Counter.DROPPED_NO_RECEIVER)).isEqualTo(1);
        RawQueue ring = guests[1].receiver();
        long firstEntry = ring.available + 4;
        guests[1].memory.segment().set(java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED, firstEntry, (short) 0);
        guests[0].send(frame(address(1), address(0), 60));
        lan.settle();
        assertThat(lan.count(0, Counter.DROPPED_NO_RECEIVER)).isEqualTo(2);
        assertThat(lan.count(1, Counter.RECEIVED_FRAMES)).isZero();
    }

    @Test
    void shouldPutNothingMoreIntoAReceiveRingThatBrokeInTheMiddleOfAFrame() {
        try (Lan pair = Lan.of(2);
                RawGuest sender = RawGuest.of(RawGuest.MODERN);
                RawGuest receiver = RawGuest.of(RawGuest.MERGEABLE)) {
            pair.port(0).configure(sender.state());
            pair.port(1).configure(receiver.state());
            receiver.offer(2, 600);
            receiver.receiver().postHead(999);
            sender.send(frame(address(1), address(0), 1_500));
            sender.send(frame(address(1), address(0), 60));
            pair.settle();
            assertThat(receiver.received()).isEmpty();
            assertThat(pair.count(0, Counter.DROPPED_NO_RECEIVER)).isEqualTo(2);
        }
    }

    @Test
    void shouldTellOfEachReceiveRingWhenSeveralBreak() {
        try (Lan pair = Lan.of(2);
                RawGuest sender = new RawGuest(RawGuest.MODERN, 256, 2);
                RawGuest receiver = new RawGuest(RawGuest.MODERN, 256, 2)) {
            pair.port(0).configure(sender.state());
            pair.port(1).configure(receiver.state());
            for (int flow = 0; flow < 2; flow++) {
                receiver.queues.get(2 * flow).postHead(300);
                sender.send(flow, frame(address(1), address(0), 60));
                pair.settle();
                assertThat(pair.port(1).newFault()).contains("queue %d stopped".formatted(2 * flow));
                assertThat(pair.port(1).newFault()).as("told once").isNull();
            }
            pair.settle();
            assertThat(pair.count(1, Counter.QUEUE_FAULTS)).isEqualTo(2);
        }
    }

    @Test
    void shouldDropBacklogWhenReceiveRingBreaksUnderIt() {
        for (int i = 0; i < 5; i++) {
            guests[0].send(frame(address(1), address(0), 60));
        }
        lan.settle();
        assertThat(lan.count(0, Counter.HANDED_OFF_FRAMES)).isEqualTo(5);
        guests[1].receiver().post(false, new Piece(0, 2048)); // readable: the wrong direction
        lan.settle();
        assertThat(lan.count(1, Counter.DROPPED_DETACHED)).isEqualTo(5);
        assertThat(lan.drops()).isEqualTo(5);
        assertThat(lan.port(1).newFault()).contains("wrong direction");
        assertThat(lan.receive(1).backlogged()).isFalse();
    }

    /** What is wrong with a long chain lies behind the 64 descriptors that a sender reads of it. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldLeaveALongChainToItsReceiverWhenASenderMeetsIt(boolean indirect) {
        int[] lengths = new int[101];
        Arrays.fill(lengths, 10);
        Piece[] chain = guests[1].pieces(lengths);
        chain[100] = new Piece(1L << 40, 10);
        if (indirect) {
            guests[1].receiver().postIndirect(true, chain);
        } else {
            guests[1].receiver().post(true, chain);
        }
        attached.send(0, 1, 500);

        lan.visit(0);
        assertThat(lan.count(0, Counter.HANDED_OFF_FRAMES)).isEqualTo(1);
        assertThat(lan.port(1).newFault()).isNull();

        lan.visit(1);
        assertThat(lan.port(1).newFault()).contains("queue 0 stopped");
    }
}

package io.ringfence.dataplane.path;

import static io.ringfence.dataplane.path.Frames.BROADCAST;
import static io.ringfence.dataplane.path.Frames.address;
import static io.ringfence.dataplane.path.Frames.frame;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.dataplane.control.Lan;
import io.ringfence.dataplane.path.RawQueue.Piece;
import io.ringfence.dataplane.telemetry.Counter;
import io.ringfence.vhostuser.backend.DeviceState;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every frame that is taken and not delivered is counted once, under its cause. */
class DropsTest {
    @RegisterExtension
    private final RawGuests attached = RawGuests.strangers(Lan.withAddresses(0, address(1), 0));

    private final Lan lan = attached.lan;
    private final RawGuest[] guests = attached.guests;

    private void expectOnly(int member, Counter drop, int frames) {
        lan.settle();
        assertThat(lan.count(member, drop)).as(lan.describe(member)).isEqualTo(frames);
        assertThat(lan.drops()).as(lan.describe(member)).isEqualTo(frames);
        assertThat(lan.count(member, Counter.TRANSMITTED_FRAMES)).isEqualTo(frames);
        assertThat(guests[member].reclaimed())
                .as("the guest gets its buffers back")
                .isEqualTo(frames);
        assertThat(lan.total(Counter.RECEIVED_FRAMES)).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 11, 12, 25})
    void shouldCountRuntWhenChainIsTooShortForItsHeaders(int length) {
        guests[1].offer(8, 2048);
        guests[0].transmitter().post(false, guests[0].pieces(length));
        expectOnly(0, Counter.DROPPED_RUNT, 1);
    }

    @Test
    void shouldCountOversizeWhenFrameExceedsTheMtu() {
        guests[1].offer(8, 4096);
        guests[0].send(frame(address(1), address(0), Lan.MAX_FRAME_LENGTH + 1));
        guests[0].send(frame(address(1), address(0), 65_000));
        expectOnly(0, Counter.DROPPED_OVERSIZE, 2);
    }

    @Test
    void shouldCountBadOffloadWhenHeaderAsksForOne() {
        guests[1].offer(8, 2048);
        for (int at = 0; at < 2; at++) {
            for (boolean split : new boolean[] {false, true}) {
                Piece[] pieces = split ? guests[0].pieces(7, 65) : guests[0].pieces(72);
                guests[0].write(pieces, frame(address(1), address(0), 60));
                guests[0].memory.segment().set(ValueLayout.JAVA_BYTE, pieces[0].offset() + at, (byte) 1);
                guests[0].transmitter().post(false, pieces);
            }
        }
        expectOnly(0, Counter.DROPPED_BAD_OFFLOAD, 4);
    }

    @Test
    void shouldCountSpoofedWhenSourceIsNotTheConfiguredAddress() {
        guests[0].offer(8, 2048);
        guests[1].send(frame(address(0), address(7), 60));
        guests[1].send(frame(BROADCAST, 0, 60));
        expectOnly(1, Counter.DROPPED_SPOOFED, 2);
    }

    @Test
    void shouldCountSpoofedWhenSourceIsNoStation() {
        guests[1].offer(8, 2048);
        guests[2].offer(8, 2048);
        guests[0].send(frame(BROADCAST, 0, 60));
        guests[0].send(frame(BROADCAST, BROADCAST, 60));
        guests[0].send(frame(BROADCAST, address(0) | 1, 60));
        expectOnly(0, Counter.DROPPED_SPOOFED, 3);
    }

    @Test
    void shouldCountSpoofedWhenSourceIsConfiguredForAnotherVm() {
        guests[1].offer(8, 2048);
        guests[2].offer(8, 2048);
        guests[0].send(frame(BROADCAST, address(1), 60));
        expectOnly(0, Counter.DROPPED_SPOOFED, 1);
        guests[2].send(frame(address(1), address(2), 60));
        lan.settle();
        assertThat(guests[1].received())
                .as("the address is still where it was configured")
                .hasSize(1);
    }

    @Test
    void shouldEmptyQueueWhenItIsStartedButDisabled() {
        guests[0].enable(1, false);
        lan.port(0).configure(guests[0].state());
        guests[1].offer(8, 2048);
        guests[0].send(frame(address(1), address(0), 60));
        guests[0].send(frame(BROADCAST, address(0), 60));
        expectOnly(0, Counter.DROPPED_QUEUE_DISABLED, 2);
    }

    @Test
    void shouldCountToSelfWhenGuestAddressesItself() {
        guests[0].send(frame(address(9), address(0), 60)); // learned
        lan.settle();
        long earlier = lan.drops();
        guests[0].send(frame(address(0), address(0), 60));
        lan.settle();
        assertThat(lan.count(0, Counter.DROPPED_TO_SELF)).isEqualTo(1);
        assertThat(lan.drops() - earlier).isEqualTo(1);
    }

    @Test
    void shouldCountNoReceiverWhenReceiveQueueIsDisabled() {
        guests[1].offer(8, 2048);
        guests[1].enable(0, false);
        lan.port(1).configure(guests[1].state());
        guests[0].send(frame(address(1), address(0), 60));
        expectOnly(0, Counter.DROPPED_NO_RECEIVER, 1);
        assertThat(guests[1].received()).isEmpty();
    }

    @Test
    void shouldCountNoReceiverWhenNobodyElseIsThere() {
        lan.port(1).configure(DeviceState.empty());
        lan.port(2).configure(DeviceState.empty());
        guests[0].send(frame(address(1), address(0), 60));
        guests[0].send(frame(BROADCAST, address(0), 60));
        guests[0].send(frame(address(5), address(0), 60));
        expectOnly(0, Counter.DROPPED_NO_RECEIVER, 3);
    }

    @Test
    void shouldCountDetachedWhenReceiverLeavesWithFramesWaiting() {
        guests[0].send(frame(address(1), address(0), 60));
        guests[0].send(frame(address(1), address(0), 60));
        lan.settle();
        assertThat(lan.count(0, Counter.HANDED_OFF_FRAMES)).isEqualTo(2);
        assertThat(lan.drops()).isZero();
        lan.port(1).configure(DeviceState.empty());
        lan.settle();
        assertThat(lan.count(1, Counter.DROPPED_DETACHED)).isEqualTo(2);
        assertThat(lan.drops()).isEqualTo(2);
        assertThat(lan.receive(1).backlogged()).isFalse();
    }

    @Test
    void shouldLoseNothingWhenQueuesAreConfiguredAnewInTheMiddle() {
        guests[1].offer(4, 2048);
        for (int i = 0; i < 20; i++) {
            guests[0].send(frame(address(1), address(0), 60 + i));
            if (i % 3 == 0) {
                lan.visit(0);
            }
            lan.port(i & 1).configure(guests[i & 1].state());
        }
        guests[1].offer(20, 2048);
        lan.settle();
        assertThat(guests[1].received())
                .extracting(bytes -> bytes.length)
                .containsExactlyElementsOf(
                        java.util.stream.IntStream.range(60, 80).boxed().toList());
        assertThat(lan.drops()).isZero();
        assertThat(guests[0].reclaimed()).isEqualTo(20);
    }
}

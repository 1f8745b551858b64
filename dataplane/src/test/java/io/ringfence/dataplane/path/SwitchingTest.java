package io.ringfence.dataplane.path;

import static io.ringfence.dataplane.path.Frames.BROADCAST;
import static io.ringfence.dataplane.path.Frames.address;
import static io.ringfence.dataplane.path.Frames.frame;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.dataplane.control.Lan;
import io.ringfence.dataplane.network.MacTable;
import io.ringfence.dataplane.telemetry.Counter;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Where frames go: learning, flooding, moving, ageing, and the bounds of the address table. */
class SwitchingTest {
    private static final int MEMBERS = 4;

    private Lan lan = Lan.of(MEMBERS);
    private final List<RawGuest> guests = IntStream.range(0, MEMBERS)
            .mapToObj(i -> RawGuest.of(RawGuest.MODERN))
            .toList();

    private void attach() {
        for (int i = 0; i < MEMBERS; i++) {
            lan.port(i).configure(guests.get(i).state());
            guests.get(i).offer(128, 2048);
        }
    }

    @AfterEach
    void detach() {
        lan.close();
        guests.forEach(RawGuest::close);
    }

    private void send(int from, long destination, long source) {
        guests.get(from).send(frame(destination, source, 60));
        lan.settle();
    }

    /** How many frames each guest got since the last time. */
    private List<Integer> received() {
        return guests.stream().map(guest -> guest.received().size()).toList();
    }

    @Test
    void shouldReachAllOthersOnceWhenDestinationIsGroupOrUnknown() {
        attach();
        send(0, BROADCAST, address(0));
        assertThat(received()).containsExactly(0, 1, 1, 1);
        send(1, 0x01L | 0x5eL << 16, address(1)); // 01:00:5e:...
        assertThat(received()).containsExactly(1, 0, 1, 1);
        send(2, address(77), address(2));
        assertThat(received()).containsExactly(1, 1, 0, 1);
        assertThat(lan.total(Counter.FLOODED_FRAMES)).isEqualTo(3);
        assertThat(lan.total(Counter.RECEIVED_FRAMES)).isEqualTo(9);
        assertThat(lan.drops()).isZero();
    }

    @Test
    void shouldReachOnlyTheOwnerWhenAddressWasLearned() {
        attach();
        send(2, BROADCAST, address(2));
        received();
        send(0, address(2), address(0));
        assertThat(received()).containsExactly(0, 0, 1, 0);
        send(2, address(0), address(2));
        assertThat(received()).containsExactly(1, 0, 0, 0);
    }

    @Test
    void shouldFollowTheAddressWhenItMovesToAnotherMember() {
        attach();
        send(2, BROADCAST, address(2));
        send(3, BROADCAST, address(2));
        received();
        send(0, address(2), address(0));
        assertThat(received()).containsExactly(0, 0, 0, 1);
        assertThat(lan.network().addresses().learned(2)).isZero();
        assertThat(lan.network().addresses().learned(3)).isEqualTo(1);
    }

    @Test
    void shouldTakeItsAddressBackWithItsNextFrameWhenAnotherMemberHasUsedIt() {
        attach();
        send(0, BROADCAST, address(0));
        send(2, BROADCAST, address(2));
        send(3, BROADCAST, address(2));
        received();
        send(2, address(0), address(2));
        assertThat(received()).containsExactly(1, 0, 0, 0);
        send(0, address(2), address(0));
        assertThat(received()).containsExactly(0, 0, 1, 0);
        assertThat(lan.network().addresses().learned(2)).isEqualTo(1);
        assertThat(lan.network().addresses().learned(3)).isZero();
    }

    @Test
    void shouldBeLearnedAgainWithItsNextFrameWhenItWasForgotten() {
        attach();
        send(0, BROADCAST, address(0));
        send(2, BROADCAST, address(2));
        lan.network().addresses().forgetMember(2);
        received();
        send(2, address(0), address(2));
        send(0, address(2), address(0));
        assertThat(received()).containsExactly(1, 0, 1, 0);
    }

    @Test
    void shouldFloodAgainWhenAddressIsForgotten() {
        attach();
        send(2, BROADCAST, address(2));
        send(3, BROADCAST, address(3));
        received();
        lan.network().addresses().forgetMember(2);
        send(0, address(2), address(0));
        assertThat(received()).containsExactly(0, 1, 1, 1);
        send(0, address(3), address(0));
        assertThat(received()).containsExactly(0, 0, 0, 1);
    }

    @Test
    void shouldForgetOnlyWhatWasNotSeenWhenAgeing() {
        MacTable table = new MacTable(2, 8);
        table.assign(address(9), 1);
        table.learn(address(1), 0, 1_000);
        table.learn(address(2), 0, 1_000);
        table.learn(address(2), 0, 2_000);
        table.age(1_500);
        assertThat(table.lookup(address(1))).isEqualTo(MacTable.UNKNOWN);
        assertThat(table.lookup(address(2))).isZero();
        assertThat(table.lookup(address(9))).isEqualTo(1);
        assertThat(table.learned(0)).isEqualTo(1);
    }

    @Test
    void shouldFindAllAddressesOfOthersWhenOneMemberSendsFromCountlessOnes() {
        lan.close();
        lan = Lan.withMacLimit(MEMBERS, 16);
        attach();
        for (int i = 0; i < 100; i++) {
            guests.get(0).send(frame(BROADCAST, address(1000 + i), 60));
        }
        lan.settle();
        assertThat(received()).as("frames pass though nothing more is learned").containsExactly(0, 100, 100, 100);
        assertThat(lan.network().addresses().learned(0)).isEqualTo(16);
        assertThat(lan.count(0, Counter.MAC_TABLE_FULL)).isEqualTo(84);
        send(1, BROADCAST, address(1));
        received();
        send(2, address(1), address(2));
        assertThat(received()).containsExactly(0, 1, 0, 0);
    }

    @Test
    void shouldReachOnlyTheOtherNetworkNeverWhenFlooding() {
        try (Lan other = Lan.of(2);
                RawGuest stranger = RawGuest.of(RawGuest.MODERN)) {
            attach();
            other.port(0).configure(stranger.state());
            stranger.offer(8, 2048);
            send(0, BROADCAST, address(0));
            other.settle();
            assertThat(stranger.received()).isEmpty();
        }
    }

    @Test
    void shouldKeepFlowsOnTheirPairWhenGuestsHaveFour() {
        try (Lan pairs = Lan.of(2);
                RawGuest sender = new RawGuest(RawGuest.MODERN, 256, 4);
                RawGuest receiver = new RawGuest(RawGuest.MERGEABLE, 256, 4)) {
            pairs.port(0).configure(sender.state());
            pairs.port(1).configure(receiver.state());
            for (int pair = 0; pair < 4; pair++) {
                receiver.offer(pair, 16, 2048);
                for (int i = 0; i <= pair; i++) {
                    sender.send(pair, frame(address(1), address(0), 60 + pair));
                }
            }
            pairs.settle();
            for (int pair = 0; pair < 4; pair++) {
                assertThat(receiver.received(pair))
                        .hasSize(pair + 1)
                        .extracting(bytes -> bytes.length)
                        .containsOnly(60 + pair);
            }
        }
    }

    @Test
    void shouldUseEnabledQueuesOnlyWhenReceiverDisabledSome() {
        try (Lan pairs = Lan.of(2);
                RawGuest sender = new RawGuest(RawGuest.MODERN, 256, 4);
                RawGuest receiver = new RawGuest(RawGuest.MODERN, 256, 4)) {
            receiver.enable(2, false);
            receiver.enable(6, false);
            pairs.port(0).configure(sender.state());
            pairs.port(1).configure(receiver.state());
            for (int pair = 0; pair < 4; pair++) {
                receiver.offer(pair, 16, 2048);
                sender.send(pair, frame(address(1), address(0), 60));
            }
            pairs.settle();
            assertThat(receiver.received(0)).hasSize(2);
            assertThat(receiver.received(2)).hasSize(2);
            assertThat(pairs.drops()).isZero();
        }
    }
}

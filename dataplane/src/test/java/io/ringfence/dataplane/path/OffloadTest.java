package io.ringfence.dataplane.path;

import static io.ringfence.dataplane.path.Frames.BROADCAST;
import static io.ringfence.dataplane.path.Frames.address;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.dataplane.control.Lan;
import io.ringfence.dataplane.delivery.Claim;
import io.ringfence.dataplane.path.RawGuest.Received;
import io.ringfence.dataplane.telemetry.Counter;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a sender leaves to its receiver is passed on, or done in software where the receiver does not take it. */
class OffloadTest {
    private static final int STRANGER = 63;

    private static OffloadFrame random(Random random, long destination) {
        boolean tcp = random.nextInt(3) > 0;
        boolean ipv6 = random.nextBoolean();
        return switch (random.nextInt(4)) {
            case 0 -> OffloadFrame.random(random, destination, ipv6, tcp, random.nextInt(1300), 0);
            case 1 -> OffloadFrame.random(random, destination, ipv6, tcp, 1 + random.nextInt(1300), 1300);
            case 2 ->
                OffloadFrame.random(random, destination, ipv6, tcp, 2 + random.nextInt(40), 1 + random.nextInt(9));
            default ->
                OffloadFrame.random(
                        random, destination, ipv6, tcp, 1_000 + random.nextInt(64_000), 600 + random.nextInt(700));
        };
    }

    /** Sends random frames, each of which must arrive as the receiver takes it. */
    private static void shouldArrive(GuestOffloads takes, long more, int buffers, int bufferLength, boolean handedOff) {
        Random random = new Random(takes.features);
        for (int round = 0; round < 6; round++) {
            try (OffloadPair pair = new OffloadPair(random, takes.features | more, 1024)) {
                Lan lan = pair.lan;
                for (int i = 0; i < 25; i++) {
                    pair.receiver.offer(buffers - pair.receiver.receiver().inFlight(), bufferLength);
                    OffloadFrame frame = random(random, address(1));
                    pair.send(frame);
                    if (handedOff) {
                        assertThat(lan.receive(1).claim().tryAcquire(Claim.strangeHolder(STRANGER)))
                                .isTrue();
                        lan.visit(0);
                        lan.receive(1).claim().release();
                    }
                    lan.settle();
                    Received.assertSame(pair.received(), takes.of(frame));
                }
                assertThat(lan.drops()).isZero();
                assertThat(lan.count(0, Counter.HANDED_OFF_FRAMES)).isEqualTo(handedOff ? 25 : 0);
                assertThat(pair.sender.reclaimed()).isEqualTo(25);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(GuestOffloads.class)
    void shouldArriveAsTheReceiverTakesItWhenBuffersAreLarge(GuestOffloads takes) {
        shouldArrive(takes, RawGuest.MODERN, 130, 66_000, false);
    }

    @ParameterizedTest
    @EnumSource(GuestOffloads.class)
    void shouldArriveAsTheReceiverTakesItWhenBuffersAreMergeable(GuestOffloads takes) {
        shouldArrive(takes, RawGuest.MERGEABLE, 140, 1526, false);
    }

    @ParameterizedTest
    @EnumSource(GuestOffloads.class)
    void shouldArriveAsTheReceiverTakesItWhenItsDriverIsLegacy(GuestOffloads takes) {
        shouldArrive(takes, RawGuest.LEGACY, 130, 66_000, false);
    }

    @ParameterizedTest
    @EnumSource(GuestOffloads.class)
    void shouldArriveAsTheReceiverTakesItWhenItWasHandedOff(GuestOffloads takes) {
        shouldArrive(takes, RawGuest.MERGEABLE, 140, 1526, true);
    }

    @ParameterizedTest
    @ValueSource(ints = {64, 100, 513})
    void shouldLeaveFrameToTheReceiversWorkerWhenBuffersAreSmall(int bufferLength) {
        Random random = new Random(3);
        try (OffloadPair pair = new OffloadPair(random, GuestOffloads.EVERYTHING.features | RawGuest.MERGEABLE, 1024)) {
            pair.receiver.offer(1000, bufferLength);
            OffloadFrame frame = OffloadFrame.random(random, address(1), false, true, 900 * (bufferLength - 1), 1300);
            if (frame.bytes().length > 65_000) {
                frame = OffloadFrame.random(random, address(1), false, true, 64_000, 1300);
            }
            pair.send(frame);
            pair.lan.settle();
            Received.assertSame(pair.received(), GuestOffloads.EVERYTHING.of(frame));
            assertThat(pair.lan.count(0, Counter.HANDED_OFF_FRAMES)).isEqualTo(1);
            assertThat(pair.lan.drops()).isZero();
        }
    }

    @Test
    void shouldReachEachAsItTakesItWhenFlooded() {
        Random random = new Random(11);
        GuestOffloads[] all = GuestOffloads.values();
        try (Lan lan = Lan.of(all.length + 1)) {
            List<RawGuest> guests = new ArrayList<>();
            guests.add(RawGuest.of(OffloadPair.SENDS));
            for (GuestOffloads takes : all) {
                guests.add(new RawGuest(takes.features | RawGuest.MERGEABLE, 1024, 1));
            }
            for (int i = 0; i < guests.size(); i++) {
                lan.port(i).configure(guests.get(i).state());
            }
            for (int i = 0; i < 20; i++) {
                OffloadFrame frame = random(random, BROADCAST);
                guests.forEach(guest -> guest.offer(140 - guest.receiver().inFlight(), 1526));
                guests.get(0).sendScattered(random, frame.header(), frame.bytes());
                lan.settle();
                for (int takes = 0; takes < all.length; takes++) {
                    List<Received> found = guests.get(takes + 1).receivedWithHeaders(0);
                    if (frame.segments() == 1 && found.getFirst().header()[0] == 0) {
                        // Once computed it stays so, for those too who would not mind.
                        Received.assertSame(found, GuestOffloads.NOTHING.of(frame));
                    } else {
                        Received.assertSame(found, all[takes].of(frame));
                    }
                }
            }
            assertThat(lan.drops()).isZero();
            assertThat(lan.count(0, Counter.SOFTWARE_CHECKSUMS))
                    .as("each checksum is computed once")
                    .isLessThanOrEqualTo(20);
            guests.forEach(RawGuest::close);
        }
    }
}

package io.ringfence.dataplane.path;

import static io.ringfence.dataplane.path.Frames.BROADCAST;
import static io.ringfence.dataplane.path.Frames.address;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.dataplane.control.Lan;
import io.ringfence.dataplane.delivery.Claim;
import io.ringfence.dataplane.offload.Offloads;
import io.ringfence.dataplane.path.RawGuest.Received;
import io.ringfence.dataplane.path.RawQueue.Piece;
import io.ringfence.dataplane.port.SendLimit;
import io.ringfence.dataplane.telemetry.Counter;
import io.ringfence.vhostuser.protocol.Features;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a sender leaves to its receiver is passed on, or done in software where the receiver does not take it. */
class OffloadTest {
    private static final long SENDS = RawGuest.MODERN | Features.NET_OFFLOADS;
    private static final int STRANGER = 63;

    /** What the receiver has negotiated. */
    enum Takes {
        NOTHING(0),
        CHECKSUMS(Features.NET_GUEST_CSUM),
        TSO4(CHECKSUMS.features | Features.NET_GUEST_TSO4),
        TSO6_WITH_ECN(CHECKSUMS.features | Features.NET_GUEST_TSO6 | Features.NET_GUEST_ECN),
        USO(CHECKSUMS.features | Features.NET_GUEST_USO4 | Features.NET_GUEST_USO6),
        TSO_WITHOUT_CHECKSUMS(Features.NET_GUEST_TSO4 | Features.NET_GUEST_TSO6),
        EVERYTHING(Features.NET_OFFLOADS);

        final long features;

        Takes(long features) {
            this.features = features;
        }

        /** What it then gets of a frame, by the book. */
        List<Received> of(OffloadFrame frame) {
            int taken = Offloads.ofReceiver(features);
            if ((frame.needs() & ~taken) == 0) {
                return List.of(new Received(frame.header(), frame.bytes()));
            }
            if (frame.segments() == 1) {
                return List.of(new Received(new byte[10], frame.completed()));
            }
            boolean checksums = (taken & Offloads.CHECKSUM) != 0;
            return frame.cut(!checksums).stream()
                    .map(packet -> new Received(checksums ? frame.checksumHeader() : new byte[10], packet))
                    .toList();
        }
    }

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

    private static void transmit(RawGuest guest, byte[] header, byte[] frame, Random random) {
        int total = guest.headerLength() + frame.length;
        int[] lengths = new int[1 + random.nextInt(20)];
        int left = total;
        for (int i = 0; i < lengths.length - 1; i++) {
            lengths[i] = random.nextInt(left / 2 + 1);
            left -= lengths[i];
        }
        lengths[lengths.length - 1] = left;
        Piece[] pieces = guest.pieces(lengths);
        guest.write(pieces, header, frame);
        guest.transmitter().postIndirect(false, pieces);
    }

    private static void assertSame(List<Received> found, List<Received> expected) {
        assertThat(found).hasSameSizeAs(expected);
        for (int i = 0; i < found.size(); i++) {
            assertThat(found.get(i).header())
                    .as("header of packet %d", i)
                    .isEqualTo(expected.get(i).header());
            assertThat(found.get(i).frame())
                    .as("packet %d", i)
                    .isEqualTo(expected.get(i).frame());
        }
    }

    /** Sends random frames, each of which must arrive as the receiver takes it. */
    private static void shouldArrive(Takes takes, long more, int buffers, int bufferLength, boolean handedOff) {
        Random random = new Random(takes.features);
        for (int round = 0; round < 6; round++) {
            try (Lan lan = Lan.of(2);
                    RawGuest sender = RawGuest.of(SENDS);
                    RawGuest receiver = new RawGuest(takes.features | more, 1024, 1)) {
                lan.port(0).configure(sender.state());
                lan.port(1).configure(receiver.state());
                for (int i = 0; i < 25; i++) {
                    receiver.offer(buffers - receiver.receiver().inFlight(), bufferLength);
                    OffloadFrame frame = random(random, address(1));
                    transmit(sender, frame.header(), frame.bytes(), random);
                    if (handedOff) {
                        assertThat(lan.receive(1).claim().tryAcquire(Claim.strangeHolder(STRANGER)))
                                .isTrue();
                        lan.visit(0);
                        lan.receive(1).claim().release();
                    }
                    lan.settle();
                    assertSame(receiver.receivedWithHeaders(0), takes.of(frame));
                }
                assertThat(lan.drops()).isZero();
                assertThat(lan.count(0, Counter.HANDED_OFF_FRAMES)).isEqualTo(handedOff ? 25 : 0);
                assertThat(sender.reclaimed()).isEqualTo(25);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Takes.class)
    void shouldArriveAsTheReceiverTakesItWhenBuffersAreLarge(Takes takes) {
        shouldArrive(takes, RawGuest.MODERN, 130, 66_000, false);
    }

    @ParameterizedTest
    @EnumSource(Takes.class)
    void shouldArriveAsTheReceiverTakesItWhenBuffersAreMergeable(Takes takes) {
        shouldArrive(takes, RawGuest.MERGEABLE, 140, 1526, false);
    }

    @ParameterizedTest
    @EnumSource(Takes.class)
    void shouldArriveAsTheReceiverTakesItWhenItsDriverIsLegacy(Takes takes) {
        shouldArrive(takes, RawGuest.LEGACY, 130, 66_000, false);
    }

    @ParameterizedTest
    @EnumSource(Takes.class)
    void shouldArriveAsTheReceiverTakesItWhenItWasHandedOff(Takes takes) {
        shouldArrive(takes, RawGuest.MERGEABLE, 140, 1526, true);
    }

    @ParameterizedTest
    @ValueSource(ints = {64, 100, 513})
    void shouldLeaveFrameToTheReceiversWorkerWhenBuffersAreSmall(int bufferLength) {
        Random random = new Random(3);
        try (Lan lan = Lan.of(2);
                RawGuest sender = RawGuest.of(SENDS);
                RawGuest receiver = new RawGuest(Takes.EVERYTHING.features | RawGuest.MERGEABLE, 1024, 1)) {
            lan.port(0).configure(sender.state());
            lan.port(1).configure(receiver.state());
            receiver.offer(1000, bufferLength);
            OffloadFrame frame = OffloadFrame.random(random, address(1), false, true, 900 * (bufferLength - 1), 1300);
            if (frame.bytes().length > 65_000) {
                frame = OffloadFrame.random(random, address(1), false, true, 64_000, 1300);
            }
            transmit(sender, frame.header(), frame.bytes(), random);
            lan.settle();
            assertSame(receiver.receivedWithHeaders(0), Takes.EVERYTHING.of(frame));
            assertThat(lan.count(0, Counter.HANDED_OFF_FRAMES)).isEqualTo(1);
            assertThat(lan.drops()).isZero();
        }
    }

    @Test
    void shouldReachEachAsItTakesItWhenFlooded() {
        Random random = new Random(11);
        Takes[] all = Takes.values();
        try (Lan lan = Lan.of(all.length + 1)) {
            List<RawGuest> guests = new ArrayList<>();
            guests.add(RawGuest.of(SENDS));
            for (Takes takes : all) {
                guests.add(new RawGuest(takes.features | RawGuest.MERGEABLE, 1024, 1));
            }
            for (int i = 0; i < guests.size(); i++) {
                lan.port(i).configure(guests.get(i).state());
            }
            for (int i = 0; i < 20; i++) {
                OffloadFrame frame = random(random, BROADCAST);
                guests.forEach(guest -> guest.offer(140 - guest.receiver().inFlight(), 1526));
                transmit(guests.get(0), frame.header(), frame.bytes(), random);
                lan.settle();
                for (int takes = 0; takes < all.length; takes++) {
                    List<Received> found = guests.get(takes + 1).receivedWithHeaders(0);
                    if (frame.segments() == 1 && found.getFirst().header()[0] == 0) {
                        // Once computed it stays so, for those too who would not mind.
                        assertSame(found, Takes.NOTHING.of(frame));
                    } else {
                        assertSame(found, all[takes].of(frame));
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

    @Test
    void shouldDeliverWhatFitsWhenAFrameBecomesMorePacketsThanTheQueueHasEntries() {
        Random random = new Random(5);
        try (Lan lan = Lan.of(2);
                RawGuest sender = RawGuest.of(SENDS);
                RawGuest receiver = new RawGuest(RawGuest.MODERN, 16, 1)) {
            lan.port(0).configure(sender.state());
            lan.port(1).configure(receiver.state());
            receiver.offer(16, 1600);
            OffloadFrame frame = OffloadFrame.random(random, address(1), false, true, 60_000, 1400);
            transmit(sender, frame.header(), frame.bytes(), random);
            lan.settle();
            assertSame(receiver.receivedWithHeaders(0), Takes.NOTHING.of(frame).subList(0, 16));
            assertThat(lan.count(0, Counter.DROPPED_NO_ROOM)).isEqualTo(1);
            assertThat(lan.count(1, Counter.RECEIVED_FRAMES)).isEqualTo(16);
        }
    }

    @Test
    void shouldWaitForBuffersWhenFewerAreThereThanPackets() {
        Random random = new Random(6);
        try (Lan lan = Lan.of(2);
                RawGuest sender = RawGuest.of(SENDS);
                RawGuest receiver = new RawGuest(RawGuest.MODERN, 256, 1)) {
            lan.port(0).configure(sender.state());
            lan.port(1).configure(receiver.state());
            receiver.offer(20, 1600);
            OffloadFrame frame = OffloadFrame.random(random, address(1), true, true, 60_000, 1300);
            transmit(sender, frame.header(), frame.bytes(), random);
            lan.visit(0);
            assertThat(receiver.receivedWithHeaders(0)).isEmpty();
            receiver.offer(30, 1600);
            lan.settle();
            assertSame(receiver.receivedWithHeaders(0), Takes.NOTHING.of(frame));
            assertThat(lan.drops()).isZero();
        }
    }

    /** The driver keeps 8 chains of these buffers posted, of which a frame of 10 packets needs more; then come plain frames. */
    private static void shouldHearWhatComesBehind(long features, int entries, int packets, int... lengths) {
        Random random = new Random(13);
        try (Lan lan = Lan.of(2);
                RawGuest sender = RawGuest.of(SENDS);
                RawGuest receiver = new RawGuest(features, entries, 1)) {
            lan.port(0).configure(sender.state());
            lan.port(1).configure(receiver.state());
            OffloadFrame frame = OffloadFrame.random(random, address(1), false, true, 14_000, 1_400);
            transmit(sender, frame.header(), frame.bytes(), random);
            List<Received> expected = new ArrayList<>(Takes.NOTHING.of(frame).subList(0, packets));
            for (int i = 0; i < 20; i++) {
                byte[] plain = Frames.frame(address(1), address(0), 60 + i);
                expected.add(new Received(new byte[10], plain));
                sender.send(plain);
            }
            List<Received> found = new ArrayList<>();
            long end = System.nanoTime() + 10_000_000_000L;
            while (found.size() < expected.size() && System.nanoTime() - end < 0) {
                while (receiver.receiver().inFlight() < 8) {
                    receiver.receiver().post(true, receiver.pieces(lengths));
                }
                lan.visit(0);
                lan.visit(1);
                found.addAll(receiver.receivedWithHeaders(0));
            }
            assertSame(found, expected);
            assertThat(lan.drops()).isEqualTo(1);
            assertThat(lan.total(Counter.DROPPED_NO_ROOM)).isEqualTo(1);
        }
    }

    @Test
    void shouldHearWhatComesBehindAFrameOfMorePacketsThanTheDriverEverPostsBuffers() {
        shouldHearWhatComesBehind(RawGuest.MODERN, 256, 8, 1_600);
    }

    @Test
    void shouldHearWhatComesBehindAFrameOfMorePacketsThanThereCanBeChainsOfSeveralDescriptors() {
        shouldHearWhatComesBehind(RawGuest.MODERN, 16, 8, 100, 1_500);
    }

    @Test
    void shouldHearWhatComesBehindAFrameWhosePacketsTakeMoreBuffersThanTheDriverEverPosts() {
        shouldHearWhatComesBehind(RawGuest.MERGEABLE, 256, 4, 800);
    }

    @Test
    void shouldHearWhatComesBehindAFrameThatIsLongerThanAllBuffersThatTheDriverEverPosts() {
        shouldHearWhatComesBehind(Takes.EVERYTHING.features | RawGuest.MERGEABLE, 256, 0, 1_526);
    }

    /** More than a sender spends on it, less than it needs; and each time somebody sends, he tries. */
    @Test
    void shouldHearWhatComesOneByOneBehindAFrameThatIsLongerThanAllBuffers() {
        Random random = new Random(15);
        try (Lan lan = Lan.of(2);
                RawGuest sender = new RawGuest(SENDS, 1024, 1);
                RawGuest receiver = new RawGuest(Takes.EVERYTHING.features | RawGuest.MERGEABLE, 256, 1)) {
            lan.port(0).configure(sender.state());
            lan.port(1).configure(receiver.state());
            receiver.offer(80, 100);
            OffloadFrame frame = OffloadFrame.random(random, address(1), false, true, 14_000, 1_400);
            transmit(sender, frame.header(), frame.bytes(), random);
            long untilNanos = System.nanoTime() + 10_000_000_000L;
            while (receiver.receiver().pending() == 0 && System.nanoTime() < untilNanos) {
                if (sender.transmitter().inFlight() < 200) {
                    sender.send(Frames.frame(address(1), address(0), 60));
                }
                lan.visit(0);
                lan.visit(1);
            }
            assertThat(lan.count(1, Counter.DROPPED_NO_ROOM)).isEqualTo(1);
            assertThat(receiver.receivedWithHeaders(0)).isNotEmpty();
        }
    }

    /** As Linux fills a ring of 64: only when half of it is used. */
    @Test
    void shouldHearWhatComesBehindAFrameWhenTheDriverPostsInLots() {
        Random random = new Random(16);
        try (Lan lan = Lan.of(2);
                RawGuest sender = RawGuest.of(SENDS);
                RawGuest receiver = new RawGuest(RawGuest.MODERN, 64, 1)) {
            lan.port(0).configure(sender.state());
            lan.port(1).configure(receiver.state());
            receiver.offer(64, 1_600);
            for (int i = 0; i < 25; i++) {
                sender.send(Frames.frame(address(1), address(0), 60));
            }
            lan.settle();
            assertThat(receiver.receivedWithHeaders(0)).hasSize(25);
            OffloadFrame frame = OffloadFrame.random(random, address(1), false, true, 60_000, 1_400);
            transmit(sender, frame.header(), frame.bytes(), random);
            sender.send(Frames.frame(address(1), address(0), 60));
            long untilNanos = System.nanoTime() + 10_000_000_000L;
            while (receiver.receiver().pending() == 0 && System.nanoTime() < untilNanos) {
                lan.visit(0);
                lan.visit(1);
            }
            assertThat(receiver.receivedWithHeaders(0)).isNotEmpty();
        }
    }

    @Test
    void shouldGetAllPacketsWhenTheReceiversWorkerWaitsForBuffersAndTheyCome() {
        Random random = new Random(14);
        try (Lan lan = Lan.of(2);
                RawGuest sender = RawGuest.of(SENDS);
                RawGuest receiver = RawGuest.of(RawGuest.MODERN)) {
            lan.port(0).configure(sender.state());
            lan.port(1).configure(receiver.state());
            receiver.offer(8, 1_600);
            OffloadFrame frame = OffloadFrame.random(random, address(1), false, true, 14_000, 1_400);
            transmit(sender, frame.header(), frame.bytes(), random);
            lan.visit(0);
            long later = System.nanoTime() + 2_001_000;
            lan.port(0).visit(later, later); // has waited long enough, hands off
            assertThat(lan.count(0, Counter.HANDED_OFF_FRAMES)).isEqualTo(1);
            lan.visit(1);
            assertThat(receiver.receivedWithHeaders(0)).isEmpty();
            assertThat(lan.port(1).mustComeBack())
                    .as("no kick says that no more will come")
                    .isTrue();
            receiver.offer(8, 1_600);
            lan.settle();
            assertSame(receiver.receivedWithHeaders(0), Takes.NOTHING.of(frame));
            assertThat(lan.drops()).isZero();
        }
    }

    @Test
    void shouldCountNoBytesWhenBuffersEndBeforeThePackets() {
        Random random = new Random(12);
        try (Lan lan = Lan.of(2);
                RawGuest sender = RawGuest.of(SENDS);
                RawGuest receiver = RawGuest.of(RawGuest.MERGEABLE)) {
            lan.port(0).configure(sender.state());
            lan.port(1).configure(receiver.state());
            receiver.offer(15, 800);
            OffloadFrame frame = OffloadFrame.random(random, address(1), false, true, 10_000, 1_000);
            transmit(sender, frame.header(), frame.bytes(), random);
            lan.visit(0);
            lan.visit(0);
            assertThat(receiver.receivedWithHeaders(0)).isEmpty();
            receiver.offer(15, 800);
            lan.settle();
            assertSame(receiver.receivedWithHeaders(0), Takes.NOTHING.of(frame));
            assertThat(lan.count(1, Counter.RECEIVED_FRAMES)).isEqualTo(10);
            assertThat(lan.count(1, Counter.RECEIVED_BYTES)).isEqualTo(frame.packetBytes());
            assertThat(lan.drops()).isZero();
        }
    }

    @Test
    void shouldBoundPacketsNotTheWholeByTheMtu() {
        Random random = new Random(7);
        try (Lan lan = Lan.of(2);
                RawGuest sender = RawGuest.of(SENDS);
                RawGuest receiver = RawGuest.of(RawGuest.MODERN | Features.NET_OFFLOADS)) {
            lan.port(0).configure(sender.state());
            lan.port(1).configure(receiver.state());
            receiver.offer(4, 66_000);
            OffloadFrame fits = OffloadFrame.random(random, address(1), false, true, 9_000, 1_200);
            OffloadFrame tooLong = OffloadFrame.random(random, address(1), false, true, 9_000, 1_600);
            transmit(sender, fits.header(), fits.bytes(), random);
            transmit(sender, tooLong.header(), tooLong.bytes(), random);
            lan.settle();
            assertSame(receiver.receivedWithHeaders(0), Takes.EVERYTHING.of(fits));
            assertThat(lan.count(0, Counter.DROPPED_OVERSIZE)).isEqualTo(1);
        }
    }

    @Test
    void shouldEndABatchWhenItHasCopiedManyBytes() {
        Random random = new Random(8);
        try (Lan lan = Lan.of(2);
                RawGuest sender = RawGuest.of(SENDS);
                RawGuest receiver = new RawGuest(Takes.EVERYTHING.features | RawGuest.MODERN, 256, 1)) {
            lan.port(0).configure(sender.state());
            lan.port(1).configure(receiver.state());
            receiver.offer(64, 66_000);
            OffloadFrame frame = OffloadFrame.random(random, address(1), false, true, 64_000, 1_400);
            for (int i = 0; i < 32; i++) {
                transmit(sender, frame.header(), frame.bytes(), random);
            }
            long now = System.nanoTime();
            lan.port(0).visit(now, now);
            assertThat(receiver.receivedWithHeaders(0)).as("some 200 KB").hasSize(4);
        }
    }

    @Test
    void shouldCountPacketsThatAFrameStandsFor() {
        Random random = new Random(9);
        try (Lan lan = Lan.of(2);
                RawGuest sender = RawGuest.of(SENDS);
                RawGuest receiver = RawGuest.of(RawGuest.MODERN)) {
            lan.port(0).configure(sender.state());
            lan.port(1).configure(receiver.state());
            receiver.offer(64, 1_600);
            OffloadFrame frame = OffloadFrame.random(random, address(1), false, true, 14_001, 1_400);
            transmit(sender, frame.header(), frame.bytes(), random);
            lan.settle();
            assertThat(lan.count(0, Counter.TRANSMITTED_FRAMES)).isEqualTo(1);
            assertThat(lan.count(0, Counter.TRANSMITTED_BYTES)).isEqualTo(frame.bytes().length);
            assertThat(lan.count(0, Counter.TRANSMITTED_SEGMENTS)).isEqualTo(10);
            assertThat(lan.count(0, Counter.SOFTWARE_SEGMENTED_FRAMES)).isEqualTo(1);
            assertThat(lan.count(1, Counter.RECEIVED_FRAMES)).isEqualTo(11);
            assertThat(lan.count(1, Counter.RECEIVED_BYTES)).isEqualTo(frame.packetBytes());
        }
    }

    @Test
    void shouldTellThePacketsOfAFrameApartWhenItIsDroppedAsAWhole() {
        Random random = new Random(9);
        try (Lan lan = Lan.of(2);
                RawGuest sender = RawGuest.of(SENDS)) {
            lan.port(0).configure(sender.state());
            OffloadFrame frame = OffloadFrame.random(random, address(1), false, true, 14_001, 1_400);
            transmit(sender, frame.header(), frame.bytes(), random);
            lan.settle();
            assertThat(lan.count(0, Counter.DROPPED_NO_RECEIVER)).isEqualTo(1);
            assertThat(lan.count(0, Counter.TRANSMITTED_SEGMENTS)).isEqualTo(10);
            assertThat(lan.count(0, Counter.DROPPED_SEGMENTS)).isEqualTo(10);
        }
    }

    /** 1,000 packets a second and 20 at once: a frame of 41 goes when 20 have been saved, and then 21 are owed. */
    @Test
    void shouldChargeALimitForThePacketsOfAFrame() {
        Random random = new Random(10);
        long start = 1_000;
        SendLimit limit = new SendLimit(1_000, 0, 20, Lan.MAX_FRAME_LENGTH, start);
        try (Lan lan = Lan.withLimit(2, 0, limit);
                RawGuest sender = RawGuest.of(SENDS);
                RawGuest receiver = RawGuest.of(RawGuest.MODERN | Features.NET_OFFLOADS)) {
            lan.port(0).configure(sender.state());
            lan.port(1).configure(receiver.state());
            receiver.offer(32, 66_000);
            OffloadFrame frame = OffloadFrame.random(random, address(1), false, true, 41 * 1_000, 1_000);
            for (int i = 0; i < 8; i++) {
                transmit(sender, frame.header(), frame.bytes(), random);
            }
            int[] received = new int[4];
            for (int i = 0; i < received.length; i++) {
                for (long millis = 40L * i; millis < 40L * (i + 1); millis++) {
                    lan.port(0).visit(start + millis * 1_000_000, System.nanoTime());
                    received[i] += receiver.receivedWithHeaders(0).size();
                }
            }
            assertThat(received)
                    .as("frames in each 40 ms, at 0, 41, 82 and 123 ms")
                    .containsExactly(1, 1, 1, 1);
        }
    }

    /** What is read ahead ends with the bad frames of the second visit; behind them lie those of the first one. */
    @Test
    void shouldHoldBackWhatComesAfterBadFramesWhenPacketsAreOwed() {
        Random random = new Random(11);
        long start = 1_000;
        SendLimit limit = new SendLimit(1_000, 0, 20, Lan.MAX_FRAME_LENGTH, start);
        try (Lan lan = Lan.withLimit(2, 0, limit);
                RawGuest sender = RawGuest.of(SENDS);
                RawGuest receiver = RawGuest.of(RawGuest.MODERN | Features.NET_OFFLOADS)) {
            lan.port(0).configure(sender.state());
            lan.port(1).configure(receiver.state());
            receiver.offer(64, 66_000);
            sendBad(sender, 20);
            lan.port(0).visit(start, System.nanoTime());
            assertThat(sender.reclaimed()).isEqualTo(20);
            OffloadFrame owing = OffloadFrame.random(random, address(1), false, true, 41 * 1_000, 1_000);
            send(sender, owing.header(), owing.bytes(), sender.headerLength() + owing.bytes().length);
            sendBad(sender, 3);
            for (int i = 0; i < 10; i++) {
                send(sender, new byte[10], Frames.frame(address(1), address(0), 60), sender.headerLength(), 60);
            }
            lan.port(0).visit(start, System.nanoTime());
            assertThat(receiver.receivedWithHeaders(0)).as("the one that owes").hasSize(1);
            assertThat(sender.reclaimed()).as("that one and the bad ones").isEqualTo(4);
            lan.port(0).visit(start + 40_000_000, System.nanoTime());
            assertThat(receiver.receivedWithHeaders(0)).hasSize(10);
            assertThat(sender.reclaimed()).isEqualTo(10);
            assertThat(lan.count(0, Counter.DROPPED_BAD_OFFLOAD)).isEqualTo(23);
        }
    }

    /** Transmits frames whose checksum is to start behind their end. */
    private static void sendBad(RawGuest guest, int frames) {
        byte[] header = {1, 0, 0, 0, 0, 0, (byte) 0xff, (byte) 0xff, 0, 0};
        for (int i = 0; i < frames; i++) {
            send(guest, header, Frames.frame(address(1), address(0), 60), guest.headerLength() + 60);
        }
    }

    private static void send(RawGuest guest, byte[] header, byte[] frame, int... lengths) {
        Piece[] pieces = guest.pieces(lengths);
        guest.write(pieces, header, frame);
        guest.transmitter().post(false, pieces);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void shouldDropOrPassOnButNeverChangeAddressesWhenHeadersAreHostile(long seed) {
        Random random = new Random(seed);
        Takes takes = Takes.values()[(int) seed % Takes.values().length];
        try (Lan lan = Lan.of(2);
                RawGuest sender = new RawGuest(SENDS, 1024, 1);
                RawGuest receiver = new RawGuest(takes.features | RawGuest.MERGEABLE, 1024, 1)) {
            lan.port(0).configure(sender.state());
            lan.port(1).configure(receiver.state());
            long sent = 0;
            for (int i = 0; i < 700; i++) {
                OffloadFrame frame = OffloadFrame.random(
                        random,
                        address(1),
                        random.nextBoolean(),
                        random.nextBoolean(),
                        1 + random.nextInt(2_000),
                        1 + random.nextInt(1_400));
                byte[] header = frame.header();
                byte[] bytes = frame.bytes();
                for (int change = random.nextInt(3); change >= 0; change--) {
                    if (random.nextBoolean()) {
                        header[random.nextInt(10)] =
                                (byte) (random.nextBoolean() ? random.nextInt() : random.nextInt(9));
                    } else {
                        bytes[12 + random.nextInt(frame.payload() - 12)] = (byte) random.nextInt();
                    }
                }
                bytes = Arrays.copyOf(
                        bytes, random.nextInt(4) > 0 ? bytes.length : 14 + random.nextInt(bytes.length - 14));
                receiver.offer(400 - receiver.receiver().inFlight(), 1526);
                transmit(sender, header, bytes, random);
                sent++;
                lan.settle();
                for (Received received : receiver.receivedWithHeaders(0)) {
                    assertThat(Arrays.copyOf(received.frame(), 12)).isEqualTo(Arrays.copyOf(bytes, 12));
                    shouldMakeSense(received, Offloads.ofReceiver(takes.features));
                }
            }
            assertThat(lan.count(0, Counter.TRANSMITTED_FRAMES)).isEqualTo(sent);
            assertThat(lan.drops())
                    .as(lan.describe(0))
                    .isEqualTo(lan.count(0, Counter.DROPPED_BAD_OFFLOAD) + lan.count(0, Counter.DROPPED_OVERSIZE));
            assertThat(lan.count(0, Counter.DROPPED_BAD_OFFLOAD)).isBetween(50L, 650L);
            assertThat(sender.reclaimed()).isEqualTo((int) sent);
        }
    }

    /** What a driver is told must fit the frame, and be no more than it takes. */
    private static void shouldMakeSense(Received received, int taken) {
        byte[] header = received.header();
        int length = received.frame().length;
        assertThat(header[0]).isIn((byte) 0, (byte) 1);
        if (header[0] == 0) {
            assertThat(header).containsOnly(0);
            return;
        }
        assertThat(taken & Offloads.CHECKSUM).isNotZero();
        int start = (header[6] & 0xff) | (header[7] & 0xff) << 8;
        int field = start + ((header[8] & 0xff) | (header[9] & 0xff) << 8);
        assertThat(start).isBetween(14, length - 2);
        assertThat(field).isBetween(14, length - 2);
        if (header[1] != 0) {
            assertThat(taken & Offloads.SEGMENTATION).isNotZero();
            int headers = (header[2] & 0xff) | (header[3] & 0xff) << 8;
            int segment = (header[4] & 0xff) | (header[5] & 0xff) << 8;
            assertThat(headers).isBetween(14 + 20 + 8, length - 1);
            assertThat(segment).isBetween(1, length - headers - 1);
        }
    }
}

package io.ringfence.dataplane.path;

import static io.ringfence.dataplane.path.Frames.address;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.dataplane.path.RawGuest.Received;
import io.ringfence.dataplane.telemetry.Counter;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A frame of many packets, or a long one, waits for the buffers that it takes, but nobody waits behind it for ever. */
class OffloadBuffersTest {
    @Test
    void shouldDeliverWhatFitsWhenAFrameBecomesMorePacketsThanTheQueueHasEntries() {
        try (OffloadPair pair = new OffloadPair(new Random(5), RawGuest.MODERN, 16)) {
            pair.receiver.offer(16, 1600);
            OffloadFrame frame = pair.sendTcp(60_000, 1400);
            pair.lan.settle();
            Received.assertSame(pair.received(), GuestOffloads.NOTHING.of(frame).subList(0, 16));
            assertThat(pair.lan.count(0, Counter.DROPPED_NO_ROOM)).isEqualTo(1);
            assertThat(pair.lan.count(1, Counter.RECEIVED_FRAMES)).isEqualTo(16);
            assertThat(pair.lan.count(0, Counter.DROPPED_SEGMENTS))
                    .as("packets dropped, beyond the one that the frame itself is counted as")
                    .isEqualTo(GuestOffloads.NOTHING.of(frame).size() - 16 - 1);
        }
    }

    @Test
    void shouldWaitForBuffersWhenFewerAreThereThanPackets() {
        Random random = new Random(6);
        try (OffloadPair pair = new OffloadPair(random, RawGuest.MODERN, 256)) {
            pair.receiver.offer(20, 1600);
            OffloadFrame frame = OffloadFrame.random(random, address(1), true, true, 60_000, 1300);
            pair.send(frame);
            pair.lan.visit(0);
            assertThat(pair.received()).isEmpty();
            pair.receiver.offer(30, 1600);
            pair.lan.settle();
            Received.assertSame(pair.received(), GuestOffloads.NOTHING.of(frame));
            assertThat(pair.lan.drops()).isZero();
        }
    }

    /** The driver keeps 8 chains of these buffers posted, of which a frame of 10 packets needs more; then come plain frames. */
    private static void shouldHearWhatComesBehind(long features, int entries, int packets, int... lengths) {
        try (OffloadPair pair = new OffloadPair(new Random(13), features, entries)) {
            OffloadFrame frame = pair.sendTcp(14_000, 1_400);
            List<Received> expected =
                    new ArrayList<>(GuestOffloads.NOTHING.of(frame).subList(0, packets));
            for (int i = 0; i < 20; i++) {
                byte[] plain = Frames.frame(address(1), address(0), 60 + i);
                expected.add(new Received(new byte[10], plain));
                pair.sender.send(plain);
            }
            List<Received> found = new ArrayList<>();
            pair.visitUntil(() -> found.size() >= expected.size(), () -> {
                found.addAll(pair.received());
                while (pair.receiver.receiver().inFlight() < 8) {
                    pair.receiver.receiver().post(true, pair.receiver.pieces(lengths));
                }
            });
            Received.assertSame(found, expected);
            assertThat(pair.lan.drops()).isEqualTo(1);
            assertThat(pair.lan.total(Counter.DROPPED_NO_ROOM)).isEqualTo(1);
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
        shouldHearWhatComesBehind(GuestOffloads.EVERYTHING.features | RawGuest.MERGEABLE, 256, 0, 1_526);
    }

    /** More than a sender spends on it, less than it needs; and each time somebody sends, he tries. */
    @Test
    void shouldHearWhatComesOneByOneBehindAFrameThatIsLongerThanAllBuffers() {
        try (OffloadPair pair = new OffloadPair(
                new Random(15),
                new RawGuest(OffloadPair.SENDS, 1024, 1),
                new RawGuest(GuestOffloads.EVERYTHING.features | RawGuest.MERGEABLE, 256, 1))) {
            pair.receiver.offer(80, 100);
            pair.sendTcp(14_000, 1_400);
            pair.visitUntil(() -> pair.receiver.receiver().pending() > 0, () -> {
                if (pair.sender.transmitter().inFlight() < 200) {
                    pair.sendPlain();
                }
            });
            assertThat(pair.lan.count(1, Counter.DROPPED_NO_ROOM)).isEqualTo(1);
            assertThat(pair.received()).isNotEmpty();
        }
    }

    /** As Linux fills a ring of 64: only when half of it is used. */
    @Test
    void shouldHearWhatComesBehindAFrameWhenTheDriverPostsInLots() {
        try (OffloadPair pair = new OffloadPair(new Random(16), RawGuest.MODERN, 64)) {
            pair.receiver.offer(64, 1_600);
            for (int i = 0; i < 25; i++) {
                pair.sendPlain();
            }
            pair.lan.settle();
            assertThat(pair.received()).hasSize(25);
            pair.sendTcp(60_000, 1_400);
            pair.sendPlain();
            pair.visitUntil(() -> pair.receiver.receiver().pending() > 0, () -> {});
            assertThat(pair.received()).isNotEmpty();
        }
    }

    @Test
    void shouldGetAllPacketsWhenTheReceiversWorkerWaitsForBuffersAndTheyCome() {
        try (OffloadPair pair = new OffloadPair(new Random(14), RawGuest.MODERN, 256)) {
            pair.receiver.offer(8, 1_600);
            OffloadFrame frame = pair.sendTcp(14_000, 1_400);
            pair.lan.visit(0);
            long later = System.nanoTime() + 2_001_000;
            pair.lan.port(0).visit(later, later); // has waited long enough, hands off
            assertThat(pair.lan.count(0, Counter.HANDED_OFF_FRAMES)).isEqualTo(1);
            pair.lan.visit(1);
            assertThat(pair.received()).isEmpty();
            assertThat(pair.lan.port(1).mustComeBack())
                    .as("no kick says that no more will come")
                    .isTrue();
            pair.receiver.offer(8, 1_600);
            pair.lan.settle();
            Received.assertSame(pair.received(), GuestOffloads.NOTHING.of(frame));
            assertThat(pair.lan.drops()).isZero();
        }
    }

    @Test
    void shouldCountNoBytesWhenBuffersEndBeforeThePackets() {
        try (OffloadPair pair = new OffloadPair(new Random(12), RawGuest.MERGEABLE, 256)) {
            pair.receiver.offer(15, 800);
            OffloadFrame frame = pair.sendTcp(10_000, 1_000);
            pair.lan.visit(0);
            pair.lan.visit(0);
            assertThat(pair.received()).isEmpty();
            pair.receiver.offer(15, 800);
            pair.lan.settle();
            Received.assertSame(pair.received(), GuestOffloads.NOTHING.of(frame));
            assertThat(pair.lan.count(1, Counter.RECEIVED_FRAMES)).isEqualTo(10);
            assertThat(pair.lan.count(1, Counter.RECEIVED_BYTES)).isEqualTo(frame.packetBytes());
            assertThat(pair.lan.drops()).isZero();
        }
    }
}

package io.ringfence.dataplane.path;

import static io.ringfence.dataplane.path.Frames.BROADCAST;
import static io.ringfence.dataplane.path.Frames.address;
import static io.ringfence.dataplane.path.Frames.frame;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.dataplane.control.Lan;
import io.ringfence.dataplane.delivery.Held;
import io.ringfence.dataplane.path.RawQueue.Piece;
import io.ringfence.dataplane.port.GuestPort;
import io.ringfence.dataplane.telemetry.Counter;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A worker looks at its budget after each batch: how much a guest can make it do before. */
class BatchBoundsTest {
    private static final int MEMBERS = 6;
    private static final int PAIRS = 4;
    private static final long UNKNOWN = address(77);

    private final Lan lan = Lan.of(MEMBERS);
    private final List<RawGuest> guests = new ArrayList<>();
    private final long startNanos = System.nanoTime();

    private void attach(long features) {
        attach(features, 1);
    }

    private void attach(long features, int pairs) {
        for (int i = 0; i < MEMBERS; i++) {
            guests.add(new RawGuest(features, 1024, pairs));
            lan.port(i).configure(guests.get(i).state());
            lan.network().addresses().learn(address(i), i, System.nanoTime());
        }
    }

    @AfterEach
    void detach() {
        lan.close();
        guests.forEach(RawGuest::close);
    }

    /** One batch; returns how many frames the guest gets back. */
    private int visitOnce(int member) {
        long now = System.nanoTime();
        assertThat(lan.port(member).visit(now, now)).isEqualTo(GuestPort.MORE);
        return guests.get(member).reclaimed();
    }

    private int visit(int member) {
        long now = System.nanoTime();
        return lan.port(member).visit(now, now);
    }

    private void sendInPieces(int to, int descriptors) {
        sendInPieces(0, to, descriptors);
    }

    private void sendInPieces(int pair, int to, int descriptors) {
        sendInPieces(pair, address(to), descriptors);
    }

    private void sendInPieces(int pair, long destination, int descriptors) {
        int[] lengths = new int[descriptors];
        Arrays.fill(lengths, 1);
        lengths[0] = 100;
        Piece[] pieces = guests.get(0).pieces(lengths);
        guests.get(0).write(pieces, frame(destination, address(0), 99 + descriptors - 12));
        guests.get(0).queues.get(2 * pair + 1).postIndirect(false, pieces);
    }

    /** Frames that wait in each transmit queue of the sender. */
    private List<Integer> waiting() {
        return IntStream.range(0, PAIRS)
                .mapToObj(pair -> guests.get(0).queues.get(2 * pair + 1).inFlight())
                .toList();
    }

    private void sendFrames(int pair, int to, int count) {
        for (int i = 0; i < count; i++) {
            guests.get(0).send(pair, frame(address(to), address(0), 60));
        }
    }

    /** A batch at a time, until the port has nothing more to do at once; returns how many frames each took. */
    private List<Long> batches() {
        List<Long> batches = new ArrayList<>();
        int found = GuestPort.MORE;
        while (found == GuestPort.MORE) {
            assertThat(batches).as("frames of each batch").hasSizeLessThan(100);
            long before = lan.count(0, Counter.TRANSMITTED_FRAMES);
            found = lan.port(0).visit(startNanos, startNanos); // nobody's patience ends
            batches.add(lan.count(0, Counter.TRANSMITTED_FRAMES) - before);
        }
        return batches;
    }

    @Test
    void shouldTakeSixtyFourFramesAtMost() {
        attach(RawGuest.MODERN);
        guests.get(1).offer(500, 2048);
        for (int i = 0; i < 200; i++) {
            guests.get(0).send(frame(address(1), address(0), 60));
        }
        assertThat(visitOnce(0)).isEqualTo(64);
    }

    @Test
    void shouldTakeFewFramesWhenEachHasManyDescriptors() {
        attach(RawGuest.MODERN);
        guests.get(1).offer(500, 2048);
        for (int i = 0; i < 20; i++) {
            sendInPieces(1, 250);
        }
        assertThat(visitOnce(0))
                .as("frames of 250 descriptors, of which 256 are read, and one frame more")
                .isEqualTo(2);
    }

    @Test
    void shouldTakeFewFramesWhenEachIsCopiedOften() {
        attach(RawGuest.MODERN);
        for (int i = 1; i < MEMBERS; i++) {
            guests.get(i).offer(500, 2048);
        }
        for (int i = 0; i < 200; i++) {
            guests.get(0).send(frame(BROADCAST, address(0), 60));
        }
        assertThat(visitOnce(0)).as("frames of 5 copies, of which 128 are made").isEqualTo(25);
        batches();
        for (int i = 1; i < MEMBERS; i++) {
            assertThat(guests.get(i).received())
                    .as("copies for %d, also of the frame that two batches share", i)
                    .hasSize(200);
        }
        assertThat(lan.count(0, Counter.FLOODED_FRAMES)).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(ints = {100, 1024})
    void shouldStopInTheMiddleOfAFrameForEverybodyWhenItHasManyDescriptors(int descriptors) {
        attach(RawGuest.MODERN);
        guests.subList(1, MEMBERS).forEach(guest -> guest.offer(500, 2048));
        sendInPieces(0, BROADCAST, descriptors);
        sendFrames(0, 2, 1);
        List<Long> copies = new ArrayList<>();
        while (visit(0) == GuestPort.MORE) {
            copies.add(lan.total(Counter.RECEIVED_FRAMES));
        }
        assertThat(copies.getFirst()).as("copies of the first batch").isEqualTo(descriptors > 256 ? 1 : 2);
        assertThat(copies).isSorted().doesNotHaveDuplicates();
        for (int i = 1; i < MEMBERS; i++) {
            assertThat(guests.get(i).received()).as("frames for %d", i).hasSize(i == 2 ? 2 : 1);
        }
        assertThat(lan.count(0, Counter.FLOODED_FRAMES)).isEqualTo(1);
        assertThat(lan.drops()).isZero();
    }

    @Test
    void shouldStopInTheMiddleOfAFrameForEverybodyWhenTheReceiversBuffersAreSmall() {
        attach(RawGuest.MERGEABLE);
        guests.subList(1, MEMBERS).forEach(guest -> guest.offer(500, 16));
        guests.get(0).send(frame(BROADCAST, address(0), 1000));
        assertThat(visit(0)).isEqualTo(GuestPort.MORE);
        assertThat(lan.total(Counter.RECEIVED_FRAMES))
                .as("copies of 64 descriptors each, of which 256 are read")
                .isEqualTo(4);
        batches();
        assertThat(lan.total(Counter.RECEIVED_FRAMES)).isEqualTo(MEMBERS - 1);
    }

    @Test
    void shouldFloodToAllAlsoWhenTheAddressIsLearnedInTheMiddle() {
        attach(RawGuest.MODERN);
        guests.subList(1, MEMBERS).forEach(guest -> guest.offer(500, 2048));
        sendInPieces(0, UNKNOWN, 300);
        assertThat(visit(0)).isEqualTo(GuestPort.MORE);
        lan.network().addresses().learn(UNKNOWN, 1, System.nanoTime());
        batches();
        guests.get(0).send(frame(BROADCAST, address(0), 60));
        batches();
        for (int i = 1; i < MEMBERS; i++) {
            assertThat(guests.get(i).received()).as("frames for %d", i).hasSize(2);
        }
    }

    @Test
    void shouldDropTheRestWhenTheGuestChangesTheSourceInTheMiddle() {
        try (Lan guarded = Lan.withAddresses(address(0), address(1), address(2));
                RawGuest sender = new RawGuest(RawGuest.MODERN, 1024, 1);
                RawGuest first = RawGuest.of(RawGuest.MODERN);
                RawGuest second = RawGuest.of(RawGuest.MODERN)) {
            guarded.port(0).configure(sender.state());
            guarded.port(1).configure(first.state());
            guarded.port(2).configure(second.state());
            first.offer(10, 2048);
            second.offer(10, 2048);
            int[] lengths = new int[300];
            Arrays.fill(lengths, 1);
            lengths[0] = 100;
            Piece[] pieces = sender.pieces(lengths);
            sender.write(pieces, frame(BROADCAST, address(0), 387));
            sender.transmitter().postIndirect(false, pieces);
            long now = System.nanoTime();
            assertThat(guarded.port(0).visit(now, now)).isEqualTo(GuestPort.MORE);
            sender.write(pieces, frame(BROADCAST, address(1), 387));
            guarded.visit(0);
            assertThat(first.received()).hasSize(1);
            assertThat(second.received()).isEmpty();
            assertThat(guarded.count(0, Counter.DROPPED_SPOOFED)).isEqualTo(1);
        }
    }

    @Test
    void shouldSendAFrameOfTheControlPlaneToAllWhenAnotherIsInTheMiddle() {
        attach(RawGuest.MODERN);
        guests.subList(1, MEMBERS).forEach(guest -> guest.offer(500, 2048));
        sendInPieces(0, BROADCAST, 300);
        assertThat(visit(0)).isEqualTo(GuestPort.MORE);
        byte[] announcement = frame(BROADCAST, address(0), 60);
        try (Arena arena = Arena.ofConfined()) {
            lan.port(0).inject(arena.allocateFrom(ValueLayout.JAVA_BYTE, announcement), announcement.length);
        }
        batches();
        for (int i = 1; i < MEMBERS; i++) {
            assertThat(guests.get(i).received()).as("frames for %d", i).hasSize(2);
        }
    }

    @Test
    void shouldTakeFewFramesWhenTheyAreLong() {
        try (Lan jumbo = Lan.withMtu(2, 9000);
                RawGuest sender = RawGuest.of(RawGuest.MODERN);
                RawGuest receiver = RawGuest.of(RawGuest.MODERN)) {
            jumbo.port(0).configure(sender.state());
            jumbo.port(1).configure(receiver.state());
            receiver.offer(200, 9100);
            for (int i = 0; i < 100; i++) {
                sender.send(frame(address(1), address(0), 9014));
            }
            long now = System.nanoTime();
            assertThat(jumbo.port(0).visit(now, now)).isEqualTo(GuestPort.MORE);
            assertThat(receiver.received())
                    .as("frames of 9014 bytes, of which 128 times 1514 are copied, and at most one more")
                    .hasSize(22);
            jumbo.visit(0);
            assertThat(receiver.received()).hasSize(100 - 22);
        }
    }

    @Test
    void shouldTakeInFewFramesOfAFloodWhenItWaitsForManyReceivers() {
        attach(RawGuest.MODERN);
        int flooding = MEMBERS - 1;
        int receivers = MEMBERS - 2;
        guests.forEach(guest -> guest.offer(500, 2048));
        for (int to = 1; to <= receivers; to++) {
            Held.claim(lan.receive(to), flooding);
        }
        for (int i = 0; i < 40; i++) {
            guests.get(flooding).send(frame(BROADCAST, address(flooding), 60));
        }
        while (lan.count(flooding, Counter.TRANSMITTED_FRAMES) < 40) {
            lan.visit(flooding);
        }
        for (int to = 1; to <= receivers; to++) {
            Held.release(lan.receive(to));
            lan.doorbell(to).listen();
        }
        guests.get(0).send(frame(BROADCAST, address(0), 61));

        long now = System.nanoTime();
        lan.port(0).visit(now, now);

        long taken = 0;
        for (int to = 1; to <= receivers; to++) {
            taken += lan.count(to, Counter.RECEIVED_FRAMES);
            assertThat(lan.events(to).await(0) > 0)
                    .as("whether the worker of %d is called for what is left", to)
                    .isEqualTo(lan.receive(to).backlogged());
        }
        assertThat(taken)
                .as("its own copies, 16 frames in the end, and four times 16 before it hands off")
                .isBetween((long) receivers, receivers + 16L + 4 * 16);
        lan.settle();
        for (int to = 1; to <= receivers; to++) {
            assertThat(guests.get(to).received()).hasSize(41);
        }
        assertThat(lan.drops()).isZero();
    }

    @Test
    void shouldTakeInFewFramesOfTheBacklogWhenTheReceiversBuffersAreSmall() {
        attach(RawGuest.MERGEABLE);
        for (int i = 0; i < 40; i++) {
            guests.get(0).send(frame(address(1), address(0), 1500));
        }
        long now = System.nanoTime();
        lan.port(0).visit(now, now + 1);
        lan.port(0).visit(now + 2_001_000, now + 10_000_000_000L); // has waited long enough, hands off
        guests.get(1).offer(1024, 16);
        now = System.nanoTime();
        assertThat(lan.port(1).visit(now, now)).isEqualTo(GuestPort.MORE);
        assertThat(lan.count(1, Counter.RECEIVED_FRAMES))
                .as("frames of 95 descriptors, of which 512 are written")
                .isEqualTo(6);
    }

    @Test
    void shouldTakeNoMoreOfSeveralQueuesThanOfOne() {
        attach(RawGuest.MODERN, PAIRS);
        for (int pair = 0; pair < PAIRS; pair++) {
            guests.get(1).offer(pair, 500, 2048);
            sendFrames(pair, 1, 100);
        }
        assertThat(batches()).as("frames of each batch").containsExactly(64L, 64L, 64L, 64L, 64L, 64L, 16L);
        assertThat(waiting()).containsOnly(0);
    }

    @Test
    void shouldTakeNoMoreDearFramesOfSeveralQueuesThanOfOne() {
        attach(RawGuest.MODERN, PAIRS);
        for (int pair = 0; pair < PAIRS; pair++) {
            guests.get(1).offer(pair, 500, 2048);
            sendInPieces(pair, 1, 250);
            sendInPieces(pair, 1, 250);
        }
        assertThat(batches()).as("frames of each batch").containsExactly(2L, 2L, 2L, 2L);
        assertThat(waiting()).containsOnly(0);
    }

    @Test
    void shouldTakeWhatAllQueuesHaveInOneBatchWhenThatIsLittle() {
        attach(RawGuest.MODERN, PAIRS);
        for (int pair = 0; pair < PAIRS; pair++) {
            guests.get(1).offer(pair, 500, 2048);
            sendFrames(pair, 1, 16);
        }
        assertThat(batches()).containsExactly(64L);
    }

    @Test
    void shouldGiveEachQueueABatchInItsTurnWhateverTheOthersHave() {
        attach(RawGuest.MODERN, PAIRS);
        int[] sent = {500, 10, 63, 500};
        for (int pair = 0; pair < PAIRS; pair++) {
            guests.get(1).offer(pair, 500, 2048);
            sendFrames(pair, 1, sent[pair]);
        }
        for (int batch = 0; batch < 8; batch++) {
            assertThat(lan.port(0).visit(startNanos, startNanos)).isEqualTo(GuestPort.MORE);
            // The second and the third never run dry, but never have a batch either.
            for (int pair = 1; pair <= 2; pair++) {
                sendFrames(pair, 1, sent[pair] - waiting().get(pair));
            }
        }
        assertThat(500 - waiting().get(0)).as("frames taken of the first").isBetween(128, 256);
        assertThat(500 - waiting().get(3)).as("and of the last").isBetween(128, 256);
    }

    @Test
    void shouldTakeAllThatIsNotHeldUpInOneVisitWhenOtherQueuesWait() {
        attach(RawGuest.MODERN, PAIRS);
        guests.get(1).offer(2, 500, 2048);
        guests.get(1).offer(3, 500, 2048);
        sendFrames(0, 1, 2);
        sendInPieces(1, 1, 300);
        sendFrames(2, 1, 300);
        sendInPieces(3, 1, 300);
        sendFrames(3, 1, 100);
        assertThat(batches()).hasSizeLessThan(20);
        assertThat(waiting()).as("those whose receiver has no buffers").containsExactly(2, 1, 0, 0);
        assertThat(lan.port(0).mustComeBack()).isTrue();
        guests.get(1).offer(0, 2, 2048);
        guests.get(1).offer(1, 1, 2048);
        batches();
        assertThat(waiting()).containsOnly(0);
        assertThat(lan.drops()).isZero();
    }

    @Test
    void shouldEndTheVisitWhenAllQueuesWaitWithDearFrames() {
        attach(RawGuest.MODERN, PAIRS);
        for (int pair = 0; pair < PAIRS; pair++) {
            sendInPieces(pair, 1, 300);
        }
        assertThat(batches()).as("one for each queue").containsExactly(0L, 0L, 0L, 0L);
        assertThat(lan.port(0).mustComeBack()).isTrue();
        assertThat(batches()).as("the next visit looks at all again").containsExactly(0L, 0L, 0L, 0L);
    }
}

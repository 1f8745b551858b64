package io.ringfence.dataplane.path;

import static io.ringfence.dataplane.path.Frames.address;
import static io.ringfence.dataplane.path.Frames.frame;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.dataplane.control.Lan;
import io.ringfence.dataplane.path.RawQueue.Piece;
import io.ringfence.dataplane.telemetry.Counter;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Frames arrive unchanged and in order, however the two guests lay out their buffers. */
class BufferShapesTest {
    /** How a guest cuts a buffer of a header and a frame into descriptors. */
    enum Shape {
        SINGLE,
        HEADER_ALONE,
        HEADER_SPLIT,
        ETHERNET_HEADER_SPLIT,
        BYTES_FIRST,
        RANDOM_CHAIN,
        INDIRECT_SINGLE,
        INDIRECT_CHAIN;

        boolean indirect() {
            return this == INDIRECT_SINGLE || this == INDIRECT_CHAIN;
        }

        int[] cut(int header, int total, Random random) {
            return switch (this) {
                case SINGLE, INDIRECT_SINGLE -> new int[] {total};
                case HEADER_ALONE -> new int[] {header, total - header};
                case HEADER_SPLIT -> new int[] {3, header - 3, total - header};
                case ETHERNET_HEADER_SPLIT -> new int[] {header + 5, total - header - 5};
                case BYTES_FIRST -> new int[] {1, 1, 1, header, total - header - 3};
                case RANDOM_CHAIN, INDIRECT_CHAIN -> randomCut(total, random);
            };
        }

        private static int[] randomCut(int total, Random random) {
            List<Integer> lengths = new ArrayList<>();
            int left = total;
            while (left > 0 && lengths.size() < 7) {
                int length = random.nextInt(left + 1); // descriptors of no bytes are allowed
                lengths.add(length);
                left -= length;
            }
            lengths.add(left);
            return lengths.stream().mapToInt(Integer::intValue).toArray();
        }
    }

    record Sides(long senderFeatures, Shape sent, long receiverFeatures, Shape received) {}

    static Stream<Sides> sides() {
        long[] features = {RawGuest.MODERN, RawGuest.MERGEABLE, RawGuest.LEGACY};
        List<Sides> all = new ArrayList<>();
        int i = 0;
        for (Shape sent : Shape.values()) {
            for (Shape received : Shape.values()) {
                all.add(new Sides(features[i % 3], sent, features[i / 3 % 3], received));
                i++;
            }
        }
        return all.stream();
    }

    @ParameterizedTest
    @MethodSource("sides")
    void shouldDeliverUnchangedWhenBuffersHaveAnyShape(Sides sides) {
        Random random = new Random(42);
        List<byte[]> sent = new ArrayList<>();
        List<byte[]> received = new ArrayList<>();
        try (Lan lan = Lan.of(2);
                RawGuest sender = RawGuest.of(sides.senderFeatures());
                RawGuest receiver = RawGuest.of(sides.receiverFeatures())) {
            lan.port(0).configure(sender.state());
            lan.port(1).configure(receiver.state());
            for (int length = 14; length <= Lan.MAX_FRAME_LENGTH; length += length < 80 ? 1 : 13) {
                byte[] frame = frame(address(1), address(0), length, random);
                sent.add(frame);
                transmit(sender, sides.sent(), frame, random);
                offer(receiver, sides.received(), length, random);
                if (length % 4 == 0) {
                    lan.settle();
                    received.addAll(receiver.received());
                }
            }
            lan.settle();
            received.addAll(receiver.received());
            assertSame(received, sent);
            assertThat(lan.count(0, Counter.TRANSMITTED_FRAMES)).isEqualTo(sent.size());
            assertThat(lan.count(1, Counter.RECEIVED_FRAMES)).isEqualTo(sent.size());
            assertThat(lan.count(1, Counter.RECEIVED_BYTES))
                    .isEqualTo(sent.stream().mapToLong(f -> f.length).sum());
            assertThat(lan.drops()).isZero();
            assertThat(sender.reclaimed()).isEqualTo(sent.size());
        }
    }

    private static void transmit(RawGuest guest, Shape shape, byte[] frame, Random random) {
        Piece[] pieces = guest.pieces(shape.cut(guest.headerLength(), guest.headerLength() + frame.length, random));
        guest.write(pieces, frame);
        if (shape.indirect()) {
            guest.transmitter().postIndirect(false, pieces);
        } else {
            guest.transmitter().post(false, pieces);
        }
    }

    private static void offer(RawGuest guest, Shape shape, int frameLength, Random random) {
        int total = guest.headerLength() + frameLength + random.nextInt(3);
        Piece[] pieces = guest.pieces(shape.cut(guest.headerLength(), total, random));
        if (shape.indirect()) {
            guest.receiver().postIndirect(true, pieces);
        } else {
            guest.receiver().post(true, pieces);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {12, 13, 16, 27, 64, 100, 1500, 1533})
    void shouldSpreadFrameOverBuffersWhenTheyAreMergeable(int bufferLength) {
        Random random = new Random(7);
        try (Lan lan = Lan.of(2);
                RawGuest sender = RawGuest.of(RawGuest.MODERN);
                RawGuest receiver = new RawGuest(RawGuest.MERGEABLE, 1024, 1)) {
            lan.port(0).configure(sender.state());
            lan.port(1).configure(receiver.state());
            for (int length : new int[] {14, 15, 16, 60, 64, 333, 1514, 1522}) {
                receiver.offer(1 + length / bufferLength + 12, bufferLength);
                byte[] frame = frame(address(1), address(0), length, random);
                sender.send(frame);
                lan.settle();
                assertSame(receiver.received(), List.of(frame));
            }
            assertThat(lan.drops()).isZero();
        }
    }

    @Test
    void shouldSpreadFrameOverTinyBuffersWhenOnlyTheFirstHoldsTheHeader() {
        try (Lan lan = Lan.of(2);
                RawGuest sender = RawGuest.of(RawGuest.MODERN);
                RawGuest receiver = new RawGuest(RawGuest.MERGEABLE, 1024, 1)) {
            lan.port(0).configure(sender.state());
            lan.port(1).configure(receiver.state());
            receiver.offer(1, 12);
            receiver.offer(700, 3);
            byte[] frame = frame(address(1), address(0), 1522);
            sender.send(frame);
            lan.settle();
            assertSame(receiver.received(), List.of(frame));
            assertThat(lan.count(0, Counter.HANDED_OFF_FRAMES))
                    .as("so dear a frame is placed by the receiver's worker")
                    .isEqualTo(1);
        }
    }

    @Test
    void shouldDropForNoRoomWhenBufferIsTooSmallAndNotMergeable() {
        try (Lan lan = Lan.of(2);
                RawGuest sender = RawGuest.of(RawGuest.MODERN);
                RawGuest receiver = RawGuest.of(RawGuest.MODERN)) {
            lan.port(0).configure(sender.state());
            lan.port(1).configure(receiver.state());
            receiver.offer(2, 112);
            byte[] small = frame(address(1), address(0), 100);
            sender.send(frame(address(1), address(0), 101));
            sender.send(small);
            lan.settle();
            assertSame(receiver.received(), List.of(small));
            assertThat(lan.count(0, Counter.DROPPED_NO_ROOM)).isEqualTo(1);
            assertThat(lan.drops()).isEqualTo(1);
        }
    }

    @Test
    void shouldDropForNoRoomWhenAllMergeableBuffersTogetherAreTooSmall() {
        try (Lan lan = Lan.of(2);
                RawGuest sender = RawGuest.of(RawGuest.MODERN);
                RawGuest receiver = new RawGuest(RawGuest.MERGEABLE, 16, 1)) {
            lan.port(0).configure(sender.state());
            lan.port(1).configure(receiver.state());
            receiver.offer(16, 32);
            byte[] fits = frame(address(1), address(0), 500);
            sender.send(frame(address(1), address(0), 501));
            sender.send(fits);
            lan.settle();
            assertSame(receiver.received(), List.of(fits));
            assertThat(lan.count(0, Counter.DROPPED_NO_ROOM)).isEqualTo(1);
        }
    }

    private static void assertSame(List<byte[]> found, List<byte[]> expected) {
        assertThat(found).hasSameSizeAs(expected);
        for (int i = 0; i < found.size(); i++) {
            assertThat(found.get(i)).as("frame %d", i).isEqualTo(expected.get(i));
        }
    }
}

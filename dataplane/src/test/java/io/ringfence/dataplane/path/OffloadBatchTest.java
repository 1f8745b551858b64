package io.ringfence.dataplane.path;

import static io.ringfence.dataplane.path.Frames.address;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.dataplane.control.Lan;
import io.ringfence.dataplane.path.RawGuest.Received;
import io.ringfence.dataplane.port.SendLimit;
import io.ringfence.dataplane.telemetry.Counter;
import io.ringfence.vhostuser.protocol.Features;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Frames that come in a batch, or held back by a limit, become what each of them becomes by itself, whatever it leaves to its receiver. */
class OffloadBatchTest {
    private static final int FRAMES = 64;
    private static final int BUFFERS = 400;
    private static final int ROUNDS = 3;
    private static final int MAX_VISITS = 10_000;

    /** How the frames come to the switch. */
    private enum Way {
        TOGETHER,
        ALONE,
        /** Together or alone, and a few at a time, for the sender has a limit. */
        HELD_BACK
    }

    /** Bytes as a driver puts them into one buffer: the first 10 of the virtio-net header, and the frame. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Sent(byte[] header, byte[] frame) {}

    /** What the frames became. */
    private record Outcome(List<Received> received, Map<Counter, Long> sender, Map<Counter, Long> receiver) {}

    static List<Arguments> guests() {
        List<Arguments> combinations = new ArrayList<>();
        for (long sends : new long[] {
            RawGuest.MODERN | Features.NET_OFFLOADS,
            RawGuest.LEGACY | Features.NET_OFFLOADS,
            RawGuest.MODERN | Features.NET_CSUM,
            RawGuest.MODERN
        }) {
            for (GuestOffloads takes : GuestOffloads.values()) {
                combinations.add(Arguments.of(sends, takes, RawGuest.MERGEABLE, 1534));
                combinations.add(Arguments.of(sends, takes, RawGuest.LEGACY, 4_096));
            }
        }
        return combinations;
    }

    @ParameterizedTest
    @MethodSource("guests")
    void shouldBecomeWhatEachBecomesByItselfWhenBatchesAreMixedOrHeldBack(
            long sends, GuestOffloads takes, long kind, int bufferLength) {
        Random random = new Random(sends * 31 + takes.features * 7 + kind);
        for (int round = 0; round < ROUNDS; round++) {
            List<Sent> frames = mixed(random, round);
            Outcome alone = exchange(sends, takes.features | kind, bufferLength, frames, Way.ALONE);
            assertSame(exchange(sends, takes.features | kind, bufferLength, frames, Way.TOGETHER), alone);
            assertSame(exchange(sends, takes.features | kind, bufferLength, frames, Way.HELD_BACK), alone);
        }
    }

    private static void assertSame(Outcome found, Outcome expected) {
        Received.assertSame(found.received(), expected.received());
        assertThat(found.sender()).isEqualTo(expected.sender());
        assertThat(found.receiver()).isEqualTo(expected.receiver());
    }

    /** Trains of plain frames, of such with a checksum to be done, of such to be cut and of malformed ones. */
    private static List<Sent> mixed(Random random, int round) {
        List<Sent> frames = new ArrayList<>();
        while (frames.size() < FRAMES) {
            int kind = round == 0 ? 1 : random.nextInt(5);
            for (int left = 1 + random.nextInt(12); left > 0 && frames.size() < FRAMES; left--) {
                frames.add(one(random, kind));
            }
        }
        return frames;
    }

    private static Sent one(Random random, int kind) {
        boolean ipv6 = random.nextBoolean();
        boolean tcp = random.nextBoolean();
        OffloadFrame packet = switch (kind) {
            case 2 ->
                OffloadFrame.random(
                        random, address(1), ipv6, tcp, 800 + random.nextInt(900), 300 + random.nextInt(300));
            default -> OffloadFrame.random(random, address(1), ipv6, tcp, random.nextInt(1_300), 0);
        };
        byte[] header = switch (kind) {
            case 0 -> new byte[10];
            case 1, 2 -> packet.header();
            case 3 -> misplaced(random, packet);
            default -> changed(random, packet.header());
        };
        return new Sent(header, packet.bytes());
    }

    /** A checksum at the very ends of where one may be, or just beyond. */
    private static byte[] misplaced(Random random, OffloadFrame packet) {
        int[] ends = {14, Math.min(256, packet.bytes().length) - 2, packet.bytes().length - 2, 0xffff};
        int field = ends[random.nextInt(ends.length)] + random.nextInt(3) - 1;
        int start = random.nextBoolean() ? field : random.nextInt(Math.max(1, field));
        byte[] header = packet.header();
        putLittle(header, 6, start);
        putLittle(header, 8, field - start);
        return header;
    }

    private static void putLittle(byte[] header, int at, int value) {
        header[at] = (byte) value;
        header[at + 1] = (byte) (value >>> 8);
    }

    private static byte[] changed(Random random, byte[] header) {
        for (int change = random.nextInt(3); change >= 0; change--) {
            header[random.nextInt(10)] = (byte) (random.nextBoolean() ? random.nextInt() : random.nextInt(9));
        }
        return header;
    }

    private static Outcome exchange(long sends, long receives, int bufferLength, List<Sent> frames, Way way) {
        Random random = new Random(frames.size() * sends + receives);
        try (Lan lan = Lan.of(2);
                RawGuest sender = RawGuest.of(sends);
                RawGuest receiver = new RawGuest(receives, 1024, 1)) {
            lan.port(0).configure(sender.state());
            lan.port(1).configure(receiver.state());
            receiver.offer(BUFFERS, bufferLength);
            // Its address is learned, else the first frame would go by itself in any case.
            sender.send(Frames.frame(address(1), address(0), 60));
            lan.settle();
            for (Sent frame : frames) {
                RawQueue.Piece[] buffer = sender.pieces(sender.headerLength() + frame.frame().length);
                sender.write(buffer, frame.header(), frame.frame());
                if (way == Way.ALONE || (way == Way.HELD_BACK && random.nextInt(4) == 0)) {
                    sender.transmitter().postIndirect(false, buffer); // read ahead are direct ones only
                } else {
                    sender.transmitter().post(false, buffer);
                }
            }
            if (way == Way.HELD_BACK) {
                visitHeldBack(lan, sender, random);
            }
            lan.settle();
            assertThat(sender.reclaimed()).isEqualTo(1 + frames.size());
            return new Outcome(receiver.receivedWithHeaders(0), counts(lan, 0), counts(lan, 1));
        }
    }

    /** Visits until all is sent, in simulated time, at a thousand packets a second. */
    private static void visitHeldBack(Lan lan, RawGuest sender, Random random) {
        long now = System.nanoTime();
        lan.port(0).limit(new SendLimit(1_000, 0, 1 + random.nextInt(3), Lan.MAX_FRAME_LENGTH, now));
        for (int i = 0; i < MAX_VISITS && sender.transmitter().inFlight() > 0; i++) {
            now += random.nextLong(4_000_000);
            lan.port(0).visit(now, System.nanoTime());
        }
        lan.port(0).limit(null);
    }

    private static Map<Counter, Long> counts(Lan lan, int member) {
        Map<Counter, Long> counts = new EnumMap<>(Counter.class);
        for (Counter counter : EnumSet.range(Counter.TRANSMITTED_FRAMES, Counter.DROPPED_MEMORY_LOST)) {
            counts.put(counter, lan.count(member, counter));
        }
        return counts;
    }
}

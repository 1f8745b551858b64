package io.ringfence.dataplane.path;

import static io.ringfence.dataplane.path.Frames.address;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.dataplane.control.Lan;
import io.ringfence.dataplane.path.RawGuest.Received;
import io.ringfence.dataplane.port.SendLimit;
import io.ringfence.dataplane.telemetry.Counter;
import io.ringfence.vhostuser.protocol.Features;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What a frame counts as that stands for many packets: for the MTU, in a batch, in the counters and for a limit. */
class OffloadAccountingTest {
    private static final long TAKES = RawGuest.MODERN | Features.NET_OFFLOADS;

    @Test
    void shouldBoundPacketsNotTheWholeByTheMtu() {
        try (OffloadPair pair = new OffloadPair(new Random(7), TAKES, 256)) {
            pair.receiver.offer(4, 66_000);
            OffloadFrame fits = pair.sendTcp(9_000, 1_200);
            pair.sendTcp(9_000, 1_600);
            pair.lan.settle();
            Received.assertSame(pair.received(), GuestOffloads.EVERYTHING.of(fits));
            assertThat(pair.lan.count(0, Counter.DROPPED_OVERSIZE)).isEqualTo(1);
        }
    }

    @Test
    void shouldEndABatchWhenItHasCopiedManyBytes() {
        try (OffloadPair pair = new OffloadPair(new Random(8), TAKES, 256)) {
            pair.receiver.offer(64, 66_000);
            OffloadFrame frame = pair.sendTcp(64_000, 1_400);
            for (int i = 1; i < 32; i++) {
                pair.send(frame);
            }
            long now = System.nanoTime();
            pair.lan.port(0).visit(now, now);
            assertThat(pair.received()).as("some 200 KB").hasSize(4);
        }
    }

    @Test
    void shouldCountPacketsThatAFrameStandsFor() {
        try (OffloadPair pair = new OffloadPair(new Random(9), RawGuest.MODERN, 256)) {
            pair.receiver.offer(64, 1_600);
            OffloadFrame frame = pair.sendTcp(14_001, 1_400);
            pair.lan.settle();
            assertThat(pair.lan.count(0, Counter.TRANSMITTED_FRAMES)).isEqualTo(1);
            assertThat(pair.lan.count(0, Counter.TRANSMITTED_BYTES)).isEqualTo(frame.bytes().length);
            assertThat(pair.lan.count(0, Counter.TRANSMITTED_SEGMENTS)).isEqualTo(10);
            assertThat(pair.lan.count(0, Counter.SOFTWARE_SEGMENTED_FRAMES)).isEqualTo(1);
            assertThat(pair.lan.count(1, Counter.RECEIVED_FRAMES)).isEqualTo(11);
            assertThat(pair.lan.count(1, Counter.RECEIVED_BYTES)).isEqualTo(frame.packetBytes());
        }
    }

    @Test
    void shouldTellThePacketsOfAFrameApartWhenItIsDroppedAsAWhole() {
        Random random = new Random(9);
        try (Lan lan = Lan.of(2);
                RawGuest sender = RawGuest.of(OffloadPair.SENDS)) {
            lan.port(0).configure(sender.state());
            OffloadFrame frame = OffloadFrame.random(random, address(1), false, true, 14_001, 1_400);
            sender.sendScattered(random, frame.header(), frame.bytes());
            lan.settle();
            assertThat(lan.count(0, Counter.DROPPED_NO_RECEIVER)).isEqualTo(1);
            assertThat(lan.count(0, Counter.TRANSMITTED_SEGMENTS)).isEqualTo(10);
            assertThat(lan.count(0, Counter.DROPPED_SEGMENTS)).isEqualTo(10);
        }
    }

    /** The sender may send 1,000 packets a second and 20 at once. */
    private static OffloadPair limited(Random random, long startNanos) {
        SendLimit limit = new SendLimit(1_000, 0, 20, Lan.MAX_FRAME_LENGTH, startNanos);
        return new OffloadPair(random, Lan.withLimit(2, 0, limit), RawGuest.of(OffloadPair.SENDS), RawGuest.of(TAKES));
    }

    /** A frame of 41 goes when 20 have been saved, and then 21 are owed. */
    @Test
    void shouldChargeALimitForThePacketsOfAFrame() {
        long start = 1_000;
        try (OffloadPair pair = limited(new Random(10), start)) {
            pair.receiver.offer(32, 66_000);
            OffloadFrame frame = pair.sendTcp(41 * 1_000, 1_000);
            for (int i = 1; i < 8; i++) {
                pair.send(frame);
            }
            int[] received = new int[4];
            for (int i = 0; i < received.length; i++) {
                for (long millis = 40L * i; millis < 40L * (i + 1); millis++) {
                    pair.lan.port(0).visit(start + millis * 1_000_000, System.nanoTime());
                    received[i] += pair.received().size();
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
        try (OffloadPair pair = limited(random, start)) {
            pair.receiver.offer(64, 66_000);
            RawGuest sender = pair.sender;
            sendBad(sender, 20);
            pair.lan.port(0).visit(start, System.nanoTime());
            assertThat(sender.reclaimed()).isEqualTo(20);
            OffloadFrame owing = OffloadFrame.random(random, address(1), false, true, 41 * 1_000, 1_000);
            sender.send(owing.header(), owing.bytes(), sender.headerLength() + owing.bytes().length);
            sendBad(sender, 3);
            for (int i = 0; i < 10; i++) {
                sender.send(new byte[10], Frames.frame(address(1), address(0), 60), sender.headerLength(), 60);
            }
            pair.lan.port(0).visit(start, System.nanoTime());
            assertThat(pair.received()).as("the one that owes").hasSize(1);
            assertThat(sender.reclaimed()).as("that one and the bad ones").isEqualTo(4);
            pair.lan.port(0).visit(start + 40_000_000, System.nanoTime());
            assertThat(pair.received()).hasSize(10);
            assertThat(sender.reclaimed()).isEqualTo(10);
            assertThat(pair.lan.count(0, Counter.DROPPED_BAD_OFFLOAD)).isEqualTo(23);
        }
    }

    /** Transmits frames whose checksum is to start behind their end. */
    private static void sendBad(RawGuest guest, int frames) {
        byte[] header = {1, 0, 0, 0, 0, 0, (byte) 0xff, (byte) 0xff, 0, 0};
        for (int i = 0; i < frames; i++) {
            guest.send(header, Frames.frame(address(1), address(0), 60), guest.headerLength() + 60);
        }
    }
}

package io.ringfence.dataplane.path;

import static io.ringfence.dataplane.path.Frames.BROADCAST;
import static io.ringfence.dataplane.path.Frames.address;
import static io.ringfence.dataplane.path.Frames.frame;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.dataplane.control.Lan;
import io.ringfence.dataplane.path.RawQueue.Piece;
import io.ringfence.dataplane.port.GuestPort;
import io.ringfence.dataplane.telemetry.Counter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A worker looks at its budget after each batch: how much a guest can make it do before. */
class BatchBoundsTest {
    private static final int MEMBERS = 6;

    private final Lan lan = Lan.of(MEMBERS);
    private final List<RawGuest> guests = new ArrayList<>();

    private void attach(long features) {
        for (int i = 0; i < MEMBERS; i++) {
            guests.add(new RawGuest(features, 1024, 1));
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

    private void sendInPieces(int to, int descriptors) {
        int[] lengths = new int[descriptors];
        Arrays.fill(lengths, 1);
        lengths[0] = 100;
        Piece[] pieces = guests.get(0).pieces(lengths);
        guests.get(0).write(pieces, frame(address(to), address(0), 99 + descriptors - 12));
        guests.get(0).transmitter().postIndirect(false, pieces);
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
        assertThat(visitOnce(0)).as("frames of 5 copies, of which 128 are made").isEqualTo(26);
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
}

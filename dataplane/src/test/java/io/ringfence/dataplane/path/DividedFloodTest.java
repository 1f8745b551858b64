package io.ringfence.dataplane.path;

import static io.ringfence.dataplane.path.BatchFixture.MEMBERS;
import static io.ringfence.dataplane.path.Frames.BROADCAST;
import static io.ringfence.dataplane.path.Frames.address;
import static io.ringfence.dataplane.path.Frames.frame;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.dataplane.control.Lan;
import io.ringfence.dataplane.path.RawQueue.Piece;
import io.ringfence.dataplane.port.GuestPort;
import io.ringfence.dataplane.telemetry.Counter;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A frame for everybody whose copies come to more than a batch is gone on with in the next. */
class DividedFloodTest {
    private static final long UNKNOWN = address(77);

    @RegisterExtension
    private final BatchFixture fixture = new BatchFixture();

    private final Lan lan = fixture.lan;
    private final List<RawGuest> guests = fixture.guests;

    @ParameterizedTest
    @ValueSource(ints = {100, 1024})
    void shouldStopInTheMiddleOfAFrameForEverybodyWhenItHasManyDescriptors(int descriptors) {
        fixture.attach(RawGuest.MODERN);
        guests.subList(1, MEMBERS).forEach(guest -> guest.offer(500, 2048));
        fixture.sendInPieces(0, BROADCAST, descriptors);
        fixture.sendFrames(0, 2, 1);
        List<Long> copies = new ArrayList<>();
        while (fixture.batch(0) == GuestPort.MORE) {
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
        fixture.attach(RawGuest.MERGEABLE);
        guests.subList(1, MEMBERS).forEach(guest -> guest.offer(500, 16));
        guests.get(0).send(frame(BROADCAST, address(0), 1000));
        assertThat(fixture.batch(0)).isEqualTo(GuestPort.MORE);
        assertThat(lan.total(Counter.RECEIVED_FRAMES))
                .as("copies of 64 descriptors each, of which 256 are read")
                .isEqualTo(4);
        fixture.batches();
        assertThat(lan.total(Counter.RECEIVED_FRAMES)).isEqualTo(MEMBERS - 1);
    }

    @Test
    void shouldFloodToAllAlsoWhenTheAddressIsLearnedInTheMiddle() {
        fixture.attach(RawGuest.MODERN);
        guests.subList(1, MEMBERS).forEach(guest -> guest.offer(500, 2048));
        fixture.sendInPieces(0, UNKNOWN, 300);
        assertThat(fixture.batch(0)).isEqualTo(GuestPort.MORE);
        lan.network().addresses().learn(UNKNOWN, 1, System.nanoTime());
        fixture.batches();
        guests.get(0).send(frame(BROADCAST, address(0), 60));
        fixture.batches();
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
            Piece[] pieces = sender.pieces(BatchFixture.lengths(300));
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
        fixture.attach(RawGuest.MODERN);
        guests.subList(1, MEMBERS).forEach(guest -> guest.offer(500, 2048));
        fixture.sendInPieces(0, BROADCAST, 300);
        assertThat(fixture.batch(0)).isEqualTo(GuestPort.MORE);
        byte[] announcement = frame(BROADCAST, address(0), 60);
        try (Arena arena = Arena.ofConfined()) {
            lan.port(0).inject(arena.allocateFrom(ValueLayout.JAVA_BYTE, announcement), announcement.length);
        }
        fixture.batches();
        for (int i = 1; i < MEMBERS; i++) {
            assertThat(guests.get(i).received()).as("frames for %d", i).hasSize(2);
        }
    }
}

package io.ringfence.dataplane.path;

import static io.ringfence.dataplane.path.BatchFixture.MEMBERS;
import static io.ringfence.dataplane.path.Frames.BROADCAST;
import static io.ringfence.dataplane.path.Frames.address;
import static io.ringfence.dataplane.path.Frames.frame;
import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.dataplane.control.Lan;
import io.ringfence.dataplane.delivery.Held;
import io.ringfence.dataplane.port.GuestPort;
import io.ringfence.dataplane.telemetry.Counter;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A worker looks at its budget after each batch: how much a guest can make it do before. */
class BatchBoundsTest {
    @RegisterExtension
    private final BatchFixture fixture = new BatchFixture();

    private final Lan lan = fixture.lan;
    private final List<RawGuest> guests = fixture.guests;

    @Test
    void shouldTakeSixtyFourFramesAtMost() {
        fixture.attach(RawGuest.MODERN);
        guests.get(1).offer(500, 2048);
        for (int i = 0; i < 200; i++) {
            guests.get(0).send(frame(address(1), address(0), 60));
        }
        assertThat(fixture.framesOfBatch(0)).isEqualTo(64);
    }

    @Test
    void shouldTakeFewFramesWhenEachHasManyDescriptors() {
        fixture.attach(RawGuest.MODERN);
        guests.get(1).offer(500, 2048);
        for (int i = 0; i < 20; i++) {
            fixture.sendInPieces(1, 250);
        }
        assertThat(fixture.framesOfBatch(0))
                .as("frames of 250 descriptors, of which 256 are read, and one frame more")
                .isEqualTo(2);
    }

    @Test
    void shouldTakeFewFramesWhenEachIsCopiedOften() {
        fixture.attach(RawGuest.MODERN);
        for (int i = 1; i < MEMBERS; i++) {
            guests.get(i).offer(500, 2048);
        }
        for (int i = 0; i < 200; i++) {
            guests.get(0).send(frame(BROADCAST, address(0), 60));
        }
        assertThat(fixture.framesOfBatch(0))
                .as("frames of 5 copies, of which 128 are made")
                .isEqualTo(25);
        fixture.batches();
        for (int i = 1; i < MEMBERS; i++) {
            assertThat(guests.get(i).received())
                    .as("copies for %d, also of the frame that two batches share", i)
                    .hasSize(200);
        }
        assertThat(lan.count(0, Counter.FLOODED_FRAMES)).isEqualTo(200);
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
        fixture.attach(RawGuest.MODERN);
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
        fixture.attach(RawGuest.MERGEABLE);
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

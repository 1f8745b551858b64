package io.ringfence.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.bench.peer.PacketCounts;
import io.ringfence.bench.peer.Testpmd;
import io.ringfence.testing.Await;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/** Sends frames in a circle through a switch with testpmd, and accounts for each. */
final class Frames {
    private static final int BURSTS = 8;
    private static final int FRAMES_PER_PORT = 10_000;
    private static final Duration PAUSE = Duration.ofMillis(100);

    private Frames() {}

    /**
     * Lets frames circle until each port has received thousands, takes what is still on its way, and asserts that every frame
     * that was put into a transmit queue was received or dropped by the switch.
     *
     * @param dropped the frames that the switch has dropped since the front-ends were started
     */
    static void shouldAccountForEach(Testpmd frontEnds, int frameBytes, LongSupplier dropped) {
        frontEnds.setMode(Testpmd.Mode.IO);
        frontEnds.setFrameBytes(frameBytes);
        frontEnds.clearPortStats();
        frontEnds.startTxFirst(BURSTS);
        Await.until(
                () -> "each port should receive %d frames: %s".formatted(FRAMES_PER_PORT, frontEnds.portStats()),
                () -> frontEnds.portStats().stream().allMatch(port -> port.received() >= FRAMES_PER_PORT));

        frontEnds.stop();
        frontEnds.setMode(Testpmd.Mode.RXONLY);
        frontEnds.start();
        Await.until(() -> account(frontEnds, dropped), () -> missing(frontEnds, dropped) == 0);
        // A frame delivered twice comes a little later.
        LockSupport.parkNanos(PAUSE.toNanos());
        frontEnds.stop();

        assertThat(missing(frontEnds, dropped)).as(account(frontEnds, dropped)).isZero();
    }

    private static String account(Testpmd frontEnds, LongSupplier dropped) {
        return "frames sent, less those received, less those dropped; %s, dropped %d"
                .formatted(total(frontEnds), dropped.getAsLong());
    }

    private static long missing(Testpmd frontEnds, LongSupplier dropped) {
        PacketCounts counts = total(frontEnds);
        return counts.transmitted() - counts.received() - dropped.getAsLong();
    }

    private static PacketCounts total(Testpmd frontEnds) {
        return frontEnds.portStats().stream().reduce(PacketCounts.NONE, PacketCounts::plus);
    }
}

package io.ringfence.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.bench.peer.PacketCounts;
import io.ringfence.bench.peer.Testpmd;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/** Sends frames in a circle through a switch with testpmd, and accounts for each. */
final class Frames {
    private static final int BURSTS = 8;
    private static final int FRAMES_PER_PORT = 10_000;
    private static final Duration PAUSE = Duration.ofMillis(100);
    private static final Duration LIMIT = Duration.ofSeconds(30);

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
        await(() -> frontEnds.portStats().stream().allMatch(port -> port.received() >= FRAMES_PER_PORT));
        assertThat(frontEnds.portStats())
                .as("each port should receive %d frames within %s", FRAMES_PER_PORT, LIMIT)
                .allMatch(port -> port.received() >= FRAMES_PER_PORT);

        frontEnds.stop();
        frontEnds.setMode(Testpmd.Mode.RXONLY);
        frontEnds.start();
        await(() -> missing(frontEnds, dropped) == 0);
        // A frame delivered twice comes a little later.
        LockSupport.parkNanos(PAUSE.toNanos());
        frontEnds.stop();

        assertThat(missing(frontEnds, dropped))
                .as(
                        "frames sent, less those received, less those dropped; %s, dropped %d",
                        total(frontEnds), dropped.getAsLong())
                .isZero();
    }

    private static void await(BooleanSupplier condition) {
        long deadlineNanos = System.nanoTime() + LIMIT.toNanos();
        while (!condition.getAsBoolean() && System.nanoTime() < deadlineNanos) {
            LockSupport.parkNanos(PAUSE.toNanos());
        }
    }

    private static long missing(Testpmd frontEnds, LongSupplier dropped) {
        PacketCounts counts = total(frontEnds);
        return counts.transmitted() - counts.received() - dropped.getAsLong();
    }

    private static PacketCounts total(Testpmd frontEnds) {
        return frontEnds.portStats().stream().reduce(PacketCounts.NONE, PacketCounts::plus);
    }
}

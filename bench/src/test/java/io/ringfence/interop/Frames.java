package io.ringfence.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.bench.peer.PacketCounts;
import io.ringfence.bench.peer.Testpmd;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** Sends frames in a circle through a switch with testpmd, and accounts for each. */
final class Frames {
    private static final int BURSTS = 8;
    private static final Duration QUIET = Duration.ofMillis(300);
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private Frames() {}

    /** What went out through the front-ends' rings and what came back, after everything on its way has arrived. */
    static PacketCounts circulate(Testpmd frontEnds, int frameBytes, long untilReceived) {
        frontEnds.setMode(Testpmd.Mode.IO);
        frontEnds.setFrameBytes(frameBytes);
        frontEnds.clearPortStats();
        frontEnds.startTxFirst(BURSTS);
        awaitBothPorts(frontEnds, untilReceived);
        frontEnds.stop();
        drain(frontEnds);
        PacketCounts counts = total(frontEnds);
        assertThat(counts.transmitted()).as("frames sent").isPositive();
        return counts;
    }

    private static void awaitBothPorts(Testpmd frontEnds, long frames) {
        long deadlineNanos = System.nanoTime() + LIMIT.toNanos();
        while (!frontEnds.portStats().stream().allMatch(port -> port.received() >= frames)) {
            assertThat(System.nanoTime())
                    .as(
                            "each port should receive %d frames within %s, but has %s",
                            frames, LIMIT, frontEnds.portStats())
                    .isLessThan(deadlineNanos);
            LockSupport.parkNanos(QUIET.toNanos() / 3);
        }
    }

    /** Takes what is still in the rings, until nothing has come for a while. */
    private static void drain(Testpmd frontEnds) {
        frontEnds.setMode(Testpmd.Mode.RXONLY);
        frontEnds.start();
        long before = -1;
        long now = total(frontEnds).received();
        while (now != before) {
            LockSupport.parkNanos(QUIET.toNanos());
            before = now;
            now = total(frontEnds).received();
        }
        frontEnds.stop();
    }

    private static PacketCounts total(Testpmd frontEnds) {
        return frontEnds.portStats().stream().reduce(PacketCounts.NONE, PacketCounts::plus);
    }
}

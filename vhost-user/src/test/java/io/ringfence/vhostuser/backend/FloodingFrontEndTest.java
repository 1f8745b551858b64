package io.ringfence.vhostuser.backend;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.testing.Await;
import io.ringfence.vhostuser.protocol.Request;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A front-end that never stops asking is served no more than its socket's allowance, and nobody else less. */
final class FloodingFrontEndTest {
    private static final int PER_SECOND = 400;
    private static final int BURST = 200;

    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private static final String TOLD =
            "front-end made more than 200 requests at once: it is served 400 a second until it has paused";

    @RegisterExtension
    private final BackendFixture backend =
            BackendFixture.withLimits(new SessionLimits(PATIENCE, PATIENCE, PATIENCE, PER_SECOND, BURST));

    private final long startNanos = System.nanoTime();

    /** What can have been served since the start, if each request counts this much. */
    private long servedAtMost(int weight) {
        return BURST + weight + (System.nanoTime() - startNanos) * PER_SECOND / 1_000_000_000;
    }

    private static String told(FakeDevice device) {
        return String.join("; ", device.heldBack);
    }

    @Test
    void shouldServeAFloodOfRequestsByTheAllowanceWhenTheBurstIsUsedUp() throws Exception {
        try (ScriptedFrontEnd frontEnd = backend.connect()) {
            for (int asked = 1; asked <= 2 * BURST; asked++) {
                assertThat(frontEnd.get(Request.GET_FEATURES)).isEqualTo(ScriptedFrontEnd.offeredFeatures());
                assertThat(asked).isLessThanOrEqualTo((int) servedAtMost(RequestAllowance.CONNECTION));
            }
            assertThat(told(backend.device)).isEqualTo(TOLD);
            backend.assertNeighbourWorks();
            assertThat(backend.neighbour.heldBack).isEmpty();
        }
        backend.assertEnded("front-end closed the connection");
    }

    @Test
    void shouldCountChangesOfMemoryForMore() throws Exception {
        try (ScriptedFrontEnd frontEnd = backend.connect().negotiate()) {
            for (int asked = 1; asked <= BURST / 4; asked++) {
                frontEnd.shareMemory();
                assertThat(frontEnd.get(Request.GET_FEATURES)).isEqualTo(ScriptedFrontEnd.offeredFeatures());
                assertThat(9L * asked).isLessThanOrEqualTo(servedAtMost(9));
            }
            assertThat(told(backend.device)).isEqualTo(TOLD);
        }
    }

    @Test
    void shouldAcceptConnectionsByTheAllowanceWhenOneComesAfterTheOther() throws Exception {
        for (int connected = 1; connected <= 2 * BURST / RequestAllowance.CONNECTION; connected++) {
            try (ScriptedFrontEnd frontEnd = backend.connect()) {
                assertThat(frontEnd.get(Request.GET_FEATURES)).isEqualTo(ScriptedFrontEnd.offeredFeatures());
            }
            assertThat(connected * (RequestAllowance.CONNECTION + 1L))
                    .isLessThanOrEqualTo(servedAtMost(RequestAllowance.CONNECTION + 1));
        }
        assertThat(told(backend.device)).isEqualTo(TOLD);
        backend.assertNeighbourWorks();
    }

    @Test
    void shouldEndTheSessionAtOnceWhenTheFrontEndGoesWhileItIsHeldBack(@TempDir Path directory) throws Exception {
        SessionLimits oneASecond = new SessionLimits(PATIENCE, PATIENCE, PATIENCE, 1, 100);
        try (BackendFixture slow = new BackendFixture(directory, oneASecond)) {
            try (ScriptedFrontEnd frontEnd = slow.connect()) {
                for (int asked = 0; asked < 120; asked++) {
                    frontEnd.send(Request.GET_FEATURES);
                }
                Await.until("it is held back", () -> !slow.device.heldBack.isEmpty());
            }
            long goneNanos = System.nanoTime();
            Await.until("the end", () -> !slow.device.endReasons.isEmpty());
            assertThat(Duration.ofNanos(System.nanoTime() - goneNanos))
                    .as("after it had gone; it was to be read on after 16 s")
                    .isLessThan(Duration.ofSeconds(10));
            assertThat(slow.device.endReasons.getFirst()).contains("front-end closed the connection");
        }
    }
}

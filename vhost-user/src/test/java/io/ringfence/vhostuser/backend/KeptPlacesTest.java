package io.ringfence.vhostuser.backend;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.testing.Await;
import io.ringfence.vhostuser.protocol.Payload.SingleRegion;
import io.ringfence.vhostuser.protocol.Request;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is left of a session's redo logs: those of queues whose place the front-end does not know. */
class KeptPlacesTest {
    @TempDir
    private Path directory;

    private BackendFixture backend;

    @BeforeEach
    void open() throws Exception {
        backend = new BackendFixture(directory, SessionLimits.DEFAULT);
        backend.device.offerPackedRings();
        backend.device.redoLogs = new RedoLogFolder(directory.resolve("logs"), "alice", problem -> {
            throw new AssertionError(problem);
        });
    }

    @AfterEach
    void close() {
        backend.close();
    }

    /** With one packed queue that its device has begun to serve. */
    private ScriptedFrontEnd serve() throws Exception {
        ScriptedFrontEnd frontEnd = backend.connect().negotiate().addMemory();
        frontEnd.startRing(0);
        assertThat(frontEnd.get(Request.GET_STATUS)).isZero();
        backend.device.queue(0).orElseThrow().arm();
        assertThat(log()).exists();
        return frontEnd;
    }

    private Path log() {
        return directory.resolve("logs").resolve("alice.0");
    }

    private void awaitEnd() {
        Await.until("end of the session", () -> !backend.device.endReasons.isEmpty());
    }

    @Test
    void shouldKeepALogWhenTheFrontEndGoesWithoutAWord() throws Exception {
        serve().close();
        awaitEnd();

        assertThat(log()).exists();
    }

    @Test
    void shouldRemoveALogWhenTheFrontEndWasToldThePlace() throws Exception {
        try (ScriptedFrontEnd frontEnd = serve()) {
            frontEnd.base(0);
            assertThat(frontEnd.get(Request.GET_STATUS)).isZero();
        }
        awaitEnd();

        assertThat(log()).doesNotExist();
    }

    @Test
    void shouldRemoveALogWhenTheFrontEndWasToldThePlaceOfASuspendedQueue() throws Exception {
        try (ScriptedFrontEnd frontEnd = serve()) {
            assertThat(frontEnd.acknowledged(Request.REM_MEM_REG, new SingleRegion(SharedMemory.region())))
                    .isZero();
            frontEnd.base(0);
            assertThat(frontEnd.get(Request.GET_STATUS)).isZero();
        }
        awaitEnd();

        assertThat(log()).doesNotExist();
    }
}

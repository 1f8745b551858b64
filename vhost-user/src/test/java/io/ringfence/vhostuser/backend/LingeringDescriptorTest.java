package io.ringfence.vhostuser.backend;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.testing.Await;
import io.ringfence.vhostuser.linux.FileDescriptors;
import io.ringfence.vhostuser.linux.Libc;
import io.ringfence.vhostuser.linux.LingeringSocket;
import io.ringfence.vhostuser.protocol.Message;
import io.ringfence.vhostuser.protocol.MessageCodec;
import io.ringfence.vhostuser.protocol.Payload;
import io.ringfence.vhostuser.protocol.Payload.SingleRegion;
import io.ringfence.vhostuser.protocol.Request;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a front-end gets whose descriptors are slow to close: nobody else waits for them. */
final class LingeringDescriptorTest {
    @RegisterExtension
    private final BackendFixture backend = BackendFixture.withLimits(BackendFixture.SHORT);

    /** Java keeps descriptors open once it has opened a socket of TCP: before others are counted. */
    @BeforeAll
    static void loadSockets() throws Exception {
        try (LingeringSocket any = LingeringSocket.open()) {
            FileDescriptors first = new FileDescriptors();
            first.add(any.fd());
            first.close();
        }
    }

    /** Sent before the event loop reads, so that the message after the bad one is there when the session ends. */
    @Test
    void shouldServeTheNeighbourWhenADescriptorThatWasNeverReadIsSlowToClose() throws Exception {
        CountDownLatch sent = new CountDownLatch(1);
        try (LingeringSocket slow = LingeringSocket.open();
                ScriptedFrontEnd frontEnd = backend.connect()) {
            var ignored = backend.loop.next().submit(() -> {
                sent.await();
                return null;
            });
            frontEnd.header(46, 1, 0).u64(Request.SET_VRING_KICK, 0, slow.fd());
            Libc.close(slow.fd());
            long start = System.nanoTime();
            sent.countDown();

            Await.until("end", () -> !backend.device.endReasons.isEmpty());
            backend.assertNeighbourWorks();

            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(LingeringSocket.SOON);
        }
        backend.assertEnded("unknown request 46");
    }

    @Test
    void shouldNotServeAFrontEndAgainWhileManyOfItsDescriptorsAreStillBeingClosed() throws Exception {
        try (LingeringSocket slow = LingeringSocket.open()) {
            try (ScriptedFrontEnd frontEnd = backend.connect()) {
                int[] many = new int[50];
                Arrays.fill(many, frontEnd.call.fd());
                many[0] = slow.fd();
                frontEnd.raw(MessageCodec.encode(Message.request(Request.GET_FEATURES, Payload.NONE)), many);
                Libc.close(slow.fd());
                Await.until("end", () -> !backend.device.endReasons.isEmpty());
            }
            try (ScriptedFrontEnd waiting = backend.connect()) {
                Await.until("refusal", () -> !backend.device.refusals.isEmpty());
                assertThat(backend.device.refusals).singleElement().asString().contains("still being closed");
                backend.assertNeighbourWorks();
                assertThat(backend.device.opened).hasValue(1);

                slow.reset();

                assertThat(waiting.get(Request.GET_FEATURES)).isEqualTo(ScriptedFrontEnd.offeredFeatures());
            }
        }
        Await.until("both ends", () -> backend.device.endReasons.size() == 2);
        backend.assertNothingLeft();
    }

    @Test
    void shouldEndTheSessionWhenItHasManyDescriptorsLeftToBeClosed() throws Exception {
        try (LingeringSocket slow = LingeringSocket.open();
                ScriptedFrontEnd frontEnd = backend.connect().negotiate()) {
            SingleRegion region = new SingleRegion(SharedMemory.region());
            frontEnd.addMemory().send(Request.REM_MEM_REG, region, slow.fd());
            Libc.close(slow.fd());
            try {
                for (int i = 0; i < 50; i++) {
                    frontEnd.addMemory().send(Request.REM_MEM_REG, region, frontEnd.call.fd());
                }
            } catch (IOException e) {
                // The back-end hangs up before the last one.
            }
            Await.until("end", () -> !backend.device.endReasons.isEmpty());
            backend.assertNeighbourWorks();
        }
        backend.assertEnded("still being closed");
    }
}

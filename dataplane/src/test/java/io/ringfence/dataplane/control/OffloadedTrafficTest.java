package io.ringfence.dataplane.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.config.Configuration;
import io.ringfence.dataplane.telemetry.Counter;
import io.ringfence.testing.Await;
import io.ringfence.vhostuser.frontend.EmbeddedGuest;
import io.ringfence.vhostuser.frontend.GuestOptions;
import io.ringfence.vhostuser.frontend.QueueOptions;
import io.ringfence.vhostuser.protocol.Features;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Two embedded guests over real sockets: a TSO frame of 64,000 bytes of payload, in all combinations of what is offered and wanted. */
class OffloadedTrafficTest {
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final int HEADERS = 14 + 20 + 20;
    private static final int PAYLOAD = 64_000;
    private static final int SEGMENT = 1_400;
    private static final int SEGMENTS = 46;

    @TempDir
    private Path folder;

    /** Whose rings are packed. */
    enum Packed {
        NONE,
        SENDER,
        RECEIVER,
        BOTH
    }

    @ParameterizedTest
    @CsvSource({
        "on, true, on, true, 1, NONE",
        "on, true, on, true, 1, SENDER",
        "on, true, on, true, 1, RECEIVER",
        "on, true, on, true, 1, BOTH",
        "on, true, on, false, 46, NONE",
        "on, true, on, false, 46, SENDER",
        "on, true, on, false, 46, RECEIVER",
        "on, true, on, false, 46, BOTH",
        "on, true, off, true, 46, NONE",
        "on, true, off, true, 46, BOTH",
        "on, false, on, true, 0, NONE",
        "off, true, on, true, 0, NONE"
    })
    void shouldArriveWholeOrCutWhenGuestsNegotiate(
            String alices, boolean aliceWants, String bobs, boolean bobWants, int packets, Packed packed)
            throws Exception {
        Configuration configuration = Configuration.parse("""
                host: { cpus: [1], scheduling: other }
                networks: [ { name: blue } ]
                vms:
                  - { name: alice, socket: %1$s/alice.sock, network: blue, offloads: %2$s,
                      reservation: { runtime: 200us, period: 1ms } }
                  - { name: bob, socket: %1$s/bob.sock, network: blue, offloads: %3$s,
                      reservation: { runtime: 200us, period: 1ms } }
                """.formatted(folder, alices, bobs), "test.yaml");
        try (Dataplane dataplane = Started.of(configuration, new RecordedEvents());
                EmbeddedGuest alice = EmbeddedGuest.connect(
                        folder.resolve("alice.sock"),
                        guest(aliceWants, packed == Packed.SENDER || packed == Packed.BOTH));
                EmbeddedGuest bob = EmbeddedGuest.connect(
                        folder.resolve("bob.sock"),
                        guest(bobWants, packed == Packed.RECEIVER || packed == Packed.BOTH))) {
            assertThat(alice.features() & Features.NET_OFFLOADS)
                    .isEqualTo(alices.equals("on") && aliceWants ? Features.NET_OFFLOADS : 0);

            send(alice);

            AtomicLong received = new AtomicLong();
            AtomicLong payload = new AtomicLong();
            if (packets == 0) {
                Await.until(
                        "alice, who has not negotiated it, is refused",
                        () -> count(dataplane, "alice", Counter.DROPPED_BAD_OFFLOAD) == 1);
            }
            Await.until("all of it is there", () -> {
                bob.receive(0)
                        .poll(
                                (memory, offset, length) -> {
                                    received.incrementAndGet();
                                    payload.addAndGet(length - HEADERS);
                                    boolean whole = memory.get(BYTE, offset - QueueOptions.HEADER_LENGTH + 1) == 1;
                                    assertThat(whole).isEqualTo(packets == 1);
                                },
                                64);
                return packets == 0 || payload.get() == PAYLOAD;
            });
            assertThat(received).hasValue(packets);
            Await.until("it is counted", () -> count(dataplane, "bob", Counter.RECEIVED_FRAMES) == packets);
            assertThat(count(dataplane, "alice", Counter.SOFTWARE_SEGMENTED_FRAMES))
                    .isEqualTo(packets == SEGMENTS ? 1 : 0);
        }
    }

    private static GuestOptions guest(boolean offloads, boolean packed) {
        GuestOptions options = GuestOptions.ofPairs(1)
                .withTransmit(QueueOptions.ofSize(64).withBufferLength(66_000).withIndirectTables(19));
        options = packed ? options.withPackedRings() : options;
        return offloads ? options.withOffloads() : options;
    }

    private static long count(Dataplane dataplane, String vm, Counter counter) {
        return dataplane.counters().of(vm).counts().get(counter.index()).get();
    }

    private static void send(EmbeddedGuest guest) {
        MemorySegment memory = guest.memory().segment();
        long at = guest.transmit(0).claim(HEADERS + PAYLOAD);
        byte[] header = {1, 1, 0, 0, (byte) SEGMENT, (byte) (SEGMENT >> 8), 34, 0, 16, 0, 0, 0};
        byte[] frame = {
            (byte) 0xff,
            (byte) 0xff,
            (byte) 0xff,
            (byte) 0xff,
            (byte) 0xff,
            (byte) 0xff,
            0x52,
            0x54,
            0,
            0,
            0,
            1,
            8,
            0, // Ethernet
            0x45,
            0,
            0,
            0,
            0,
            1,
            0,
            0,
            64,
            6,
            0,
            0,
            10,
            0,
            0,
            1,
            10,
            0,
            0,
            2, // IPv4
            0x12,
            0x34,
            0x56,
            0x78,
            0,
            0,
            0,
            1,
            0,
            0,
            0,
            1,
            0x50,
            0x10,
            0,
            0,
            0,
            0,
            0,
            0 // TCP
        };
        MemorySegment.copy(header, 0, memory, BYTE, at - header.length, header.length);
        MemorySegment.copy(frame, 0, memory, BYTE, at, frame.length);
        guest.transmit(0).commit();
        guest.transmit(0).flush();
    }
}

package io.ringfence.vhostuser.backend;

import static io.ringfence.vhostuser.backend.ScriptedFrontEnd.NO_DESCRIPTOR;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.ringfence.testing.Await;
import io.ringfence.vhostuser.event.BlockingPeer;
import io.ringfence.vhostuser.linux.FileDescriptors;
import io.ringfence.vhostuser.linux.Libc;
import io.ringfence.vhostuser.linux.LingeringSocket;
import io.ringfence.vhostuser.memory.GuestMemory;
import io.ringfence.vhostuser.protocol.Features;
import io.ringfence.vhostuser.protocol.Message;
import io.ringfence.vhostuser.protocol.MessageCodec;
import io.ringfence.vhostuser.protocol.Payload;
import io.ringfence.vhostuser.protocol.Payload.MemoryTable;
import io.ringfence.vhostuser.protocol.Payload.Region;
import io.ringfence.vhostuser.protocol.Payload.SingleRegion;
import io.ringfence.vhostuser.protocol.Payload.U64;
import io.ringfence.vhostuser.protocol.Payload.VringAddress;
import io.ringfence.vhostuser.protocol.Payload.VringState;
import io.ringfence.vhostuser.protocol.Request;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a broken or hostile front-end gets: one reasoned end, nothing left behind, nobody else disturbed. */
final class MisbehavingFrontEndTest {
    @TempDir
    Path directory;

    private BackendFixture backend;

    /** Java keeps descriptors open once it has opened a socket of TCP: before others are counted. */
    @BeforeAll
    static void loadSockets() throws Exception {
        try (LingeringSocket any = LingeringSocket.open()) {
            FileDescriptors first = new FileDescriptors();
            first.add(any.fd());
            first.close();
        }
    }

    @BeforeEach
    void open() throws Exception {
        backend = new BackendFixture(directory, BackendFixture.SHORT);
    }

    @AfterEach
    void close() {
        backend.close();
    }

    interface Script {
        void play(ScriptedFrontEnd frontEnd) throws Exception;
    }

    private static Arguments that(String does, Script script, String reason) {
        return arguments(does, script, reason);
    }

    static Stream<Arguments> scripts() {
        long user = SharedMemory.USER;
        long guest = SharedMemory.GUEST;
        long length = SharedMemory.LENGTH;
        return Stream.of(
                that("has an unknown id", f -> f.header(46, 1, 0), "unknown request 46"),
                that("has an unknown id with need_reply", f -> f.header(-1, 9, 0), "unknown request 4294967295"),
                that("has version 2", f -> f.header(1, 2, 0), "GET_FEATURES (1) has flags 0x2"),
                that("sends a reply", f -> f.header(1, 5, 0), "is a reply, expected a request"),
                that("announces 4 GiB", f -> f.header(5, 1, -1), "payload of 4294967295 bytes"),
                that("announces 64 KiB", f -> f.header(2, 1, 0x10000), "payload of 65536 bytes, expected 8"),
                that("sends half a header", f -> f.raw(ByteBuffer.allocate(7)), "only a part of a message"),
                that("sends half a payload", f -> f.header(2, 1, 8).raw(ByteBuffer.allocate(3)), "only a part"),
                that(
                        "hangs up in a message",
                        f -> f.header(2, 1, 8).socket.close(),
                        "after 12 of 20 bytes of a message"),
                that(
                        "hangs up in a message with a descriptor",
                        f -> f.raw(kickMessage().limit(15), f.kick.fd()).socket.close(),
                        "after 15 of 20 bytes of a message"),
                that(
                        "asks for an acknowledgement that was not negotiated",
                        f -> f.send(
                                Message.request(Request.SET_OWNER, Payload.NONE).withNeedReply()),
                        "REPLY_ACK was not negotiated"),
                that(
                        "uses what was not negotiated",
                        f -> f.send(Request.GET_QUEUE_NUM),
                        "GET_QUEUE_NUM (17) needs protocol feature bit 0"),
                that("asks for the configuration", f -> f.header(24, 1, 12), "GET_CONFIG (24) belongs to"),
                that("sets a log", f -> f.header(6, 1, 16), "SET_LOG_BASE (6) belongs to"),
                that("sets an inflight area", f -> f.header(32, 1, 20), "SET_INFLIGHT_FD (32) belongs to"),
                that("sends IOTLB entries", f -> f.header(22, 1, 32), "IOTLB_MSG (22) belongs to"),
                that(
                        "sets features that were not offered",
                        f -> f.u64(Request.SET_FEATURES, Features.LOG_ALL | Features.RING_PACKED),
                        "SET_FEATURES (2) sets feature bits 26, 34, which was not offered"),
                that(
                        "sets protocol features that were not offered",
                        f -> f.u64(Request.SET_PROTOCOL_FEATURES, 1L << 14),
                        "SET_PROTOCOL_FEATURES (16) sets feature bit 14"),
                that(
                        "changes features under running rings",
                        f -> f.start().u64(Request.SET_FEATURES, Features.PROTOCOL_FEATURES),
                        "while rings run"),
                that(
                        "sends a descriptor with a message that has none",
                        f -> f.send(Request.GET_FEATURES, Payload.NONE, f.kick.fd()),
                        "GET_FEATURES (1) came with 1 file descriptors, expected 0"),
                that(
                        "sends no descriptor with a kick",
                        f -> f.u64(Request.SET_VRING_KICK, 0),
                        "SET_VRING_KICK (12) came with 0 file descriptors, expected 1"),
                that(
                        "sends a descriptor although it says there is none",
                        f -> f.u64(Request.SET_VRING_CALL, NO_DESCRIPTOR, f.call.fd()),
                        "SET_VRING_CALL (13) came with 1 file descriptors, expected 0"),
                that(
                        "sends nine descriptors",
                        f -> f.u64(Request.SET_VRING_KICK, 0, repeated(f.kick.fd(), 9)),
                        "more than 8 file descriptors came with one message"),
                that(
                        "sends 253 descriptors",
                        f -> f.u64(Request.SET_VRING_KICK, 0, repeated(f.kick.fd(), 253)),
                        "more than 8 file descriptors came with one message"),
                that(
                        "sends descriptors with every byte",
                        f -> {
                            ByteBuffer message = kickMessage();
                            for (int i = 0; i < 2; i++) {
                                f.raw(message.slice(i, 1), repeated(f.kick.fd(), 8));
                            }
                        },
                        "more than 8 file descriptors came with one message"),
                that(
                        "sends a kick that could block",
                        f -> f.u64(Request.SET_VRING_KICK, 0, f.socket.fd()),
                        "SET_VRING_KICK (12): expected an eventfd, found a descriptor of socket:"),
                that("shares no memory", f -> f.raw(table(0, 8)), "SET_MEM_TABLE (5) names 0 regions"),
                that(
                        "shares more regions than it describes",
                        f -> f.raw(table(2, 40), f.memory.fd),
                        "SET_MEM_TABLE (5) names 2 regions in 40 bytes"),
                that(
                        "shares a region without a descriptor",
                        f -> f.send(Request.SET_MEM_TABLE, new MemoryTable(List.of(SharedMemory.region()))),
                        "SET_MEM_TABLE (5) came with 0 file descriptors, expected 1"),
                that(
                        "shares an empty region",
                        f -> share(f, new Region(guest, 0, user, 0)),
                        "must be positive 63-bit numbers"),
                that("shares a region that wraps", f -> share(f, new Region(-0x1000, length, user, 0)), "wrap around"),
                that(
                        "shares a region whose offset wraps",
                        f -> share(f, new Region(guest, length, user, Long.MAX_VALUE - 0xfff)),
                        "must be positive 63-bit numbers"),
                that(
                        "shares a region beyond its file",
                        f -> share(f, new Region(guest, length, user, 0x1000)),
                        "ends beyond the file"),
                that(
                        "shares more memory than there is address space for",
                        f -> {
                            long third = GuestMemory.MAX_BYTES / 3;
                            f.negotiate().memory.resize(third + 1);
                            for (long address = 0; address < 4 * third; address += third + 1) {
                                f.send(
                                        Request.ADD_MEM_REG,
                                        new SingleRegion(new Region(address, third + 1, address, 0)),
                                        f.memory.fd);
                            }
                        },
                        "ADD_MEM_REG (37) adds a region of 0x5555555556 bytes to 0xaaaaaaaaac, expected at most 0x10000000000"),
                that(
                        "shares overlapping regions",
                        f -> f.send(
                                Request.SET_MEM_TABLE,
                                new MemoryTable(
                                        List.of(SharedMemory.region(), new Region(guest + length - 1, 0x1000, 0, 0))),
                                f.memory.fd,
                                f.memory.fd),
                        "overlaps"),
                that(
                        "adds a region again from another place in its file",
                        f -> f.negotiate()
                                .send(
                                        Request.ADD_MEM_REG,
                                        new SingleRegion(new Region(guest, 0x1000, user, 0)),
                                        f.memory.fd)
                                .send(
                                        Request.ADD_MEM_REG,
                                        new SingleRegion(new Region(guest, 0x1000, user, 0x1000)),
                                        f.memory.fd),
                        "overlaps"),
                that(
                        "shares a socket as memory",
                        f -> f.send(
                                Request.SET_MEM_TABLE, new MemoryTable(List.of(SharedMemory.region())), f.socket.fd()),
                        "SET_MEM_TABLE (5): expected a memfd or a file of tmpfs or hugetlbfs"),
                that(
                        "shares an eventfd as memory",
                        f -> f.send(
                                Request.SET_MEM_TABLE, new MemoryTable(List.of(SharedMemory.region())), f.kick.fd()),
                        "found a descriptor of anon_inode:[eventfd]"),
                that(
                        "removes a region that it never added",
                        f -> f.negotiate().send(Request.REM_MEM_REG, new SingleRegion(SharedMemory.region())),
                        "REM_MEM_REG (38) names guest=0x40000000"),
                that(
                        "adds more regions than there are slots",
                        f -> {
                            f.negotiate();
                            for (int i = 0; i <= MemoryRequests.MAX_SLOTS; i++) {
                                f.send(
                                        Request.ADD_MEM_REG,
                                        new SingleRegion(new Region(0x1000L * i, 0x1000, 0x1000L * i, 0)),
                                        f.memory.fd);
                            }
                        },
                        "ADD_MEM_REG (37) adds region 65, expected at most 64"),
                that(
                        "names a ring beyond the last",
                        f -> f.vring(Request.SET_VRING_NUM, 4, 256),
                        "SET_VRING_NUM (8) names ring 4, expected 0 to 3"),
                that(
                        "names a ring whose low bits exist",
                        f -> f.vring(Request.SET_VRING_BASE, 0x10000, 0),
                        "names ring 65536, expected 0 to 3"),
                that(
                        "names a negative ring",
                        f -> f.vring(Request.GET_VRING_BASE, 1 << 31, 0),
                        "names ring 2147483648, expected 0 to 3"),
                that(
                        "kicks a ring beyond the last",
                        f -> f.u64(Request.SET_VRING_KICK, 255, f.kick.fd()),
                        "SET_VRING_KICK (12) names ring 255"),
                that(
                        "kicks with unknown bits",
                        f -> f.u64(Request.SET_VRING_KICK, 0x10000, f.kick.fd()),
                        "SET_VRING_KICK (12) has payload 0x10000"),
                that(
                        "makes a ring of no entries",
                        f -> f.vring(Request.SET_VRING_NUM, 0, 0),
                        "sets the size of ring 0 to 0, expected a power of two"),
                that(
                        "makes a ring of three entries",
                        f -> f.vring(Request.SET_VRING_NUM, 0, 3),
                        "sets the size of ring 0 to 3"),
                that(
                        "makes a ring of 65536 entries",
                        f -> f.vring(Request.SET_VRING_NUM, 0, 65536),
                        "sets the size of ring 0 to 65536"),
                that(
                        "resizes a running ring",
                        f -> f.start().vring(Request.SET_VRING_NUM, 0, 128),
                        "SET_VRING_NUM (8) names ring 0, which runs"),
                that(
                        "sets a base of 17 bits",
                        f -> f.vring(Request.SET_VRING_BASE, 0, 0x10000),
                        "expected a 16-bit available index"),
                that(
                        "enables a ring twice over",
                        f -> f.vring(Request.SET_VRING_ENABLE, 0, 2),
                        "SET_VRING_ENABLE (18) of ring 0 has 2, expected 0 or 1"),
                that(
                        "asks for logging of a ring",
                        f -> f.send(Request.SET_VRING_ADDR, new VringAddress(0, 1, user, user, user, 0)),
                        "has flags 0x1, expected 0: logging was not offered"),
                that(
                        "puts a ring across the end of memory",
                        f -> startRingAt(f, user + length - 0x1000),
                        "queue 0: available ring: user address"),
                that(
                        "puts a ring where it is misaligned",
                        f -> startRingAt(f, user + 8),
                        "queue 0: descriptor table at 0x7f0000000008 is not aligned to 16 bytes"),
                that(
                        "moves a running ring out of memory",
                        f -> f.start().send(Request.SET_VRING_ADDR, new VringAddress(0, 0, 0, 0, 0, 0)),
                        "queue 0: descriptor table: user address 0x0"),
                that(
                        "takes the memory from under running rings",
                        f -> share(f.start(), new Region(guest, 0x1000, user, 0)),
                        "is not wholly inside"),
                that(
                        "truncates the memory of a ring before it starts",
                        f -> {
                            f.negotiate().shareMemory();
                            f.get(Request.GET_STATUS);
                            f.memory.truncate();
                            f.startRing(0);
                        },
                        "truncated"),
                that(
                        "sets an MTU that is too small without asking for an acknowledgement",
                        f -> f.negotiate().u64(Request.NET_SET_MTU, 67),
                        "NET_SET_MTU (20) sets 67, expected 68 to 9000"),
                that(
                        "sets a status of nine bits",
                        f -> f.negotiate().u64(Request.SET_STATUS, 256),
                        "SET_STATUS (39) sets 0x100, expected 8 bits"));
    }

    @ParameterizedTest(name = "a front-end that {0}")
    @MethodSource("scripts")
    void shouldEndTheSessionWithAReason(String does, Script script, String reason) throws Exception {
        try (ScriptedFrontEnd frontEnd = backend.connect()) {
            try {
                script.play(frontEnd);
            } catch (IOException e) {
                // The back-end may hang up before the script is over.
            }
            backend.assertNeighbourWorks();
            Await.until("end: a front-end that " + does, () -> !backend.device.endReasons.isEmpty());
        }
        backend.assertEnded(reason);
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

    @Test
    void shouldEndTheSessionWhenSignalsOfARunningRingWouldBlock() throws Exception {
        try (ScriptedFrontEnd frontEnd = backend.connect().start()) {
            BlockingPeer.blockSignals(frontEnd.call);
            frontEnd.u64(Request.SET_VRING_KICK, 0, frontEnd.kick.fd());
            Await.until("end", () -> !backend.device.endReasons.isEmpty());
        }
        backend.assertEnded("the front-end filled the eventfd's counter");
    }

    @Test
    void shouldEndTheSessionWhenRepliesAreNeverRead() throws Exception {
        try (ScriptedFrontEnd frontEnd = backend.connect().negotiate()) {
            ByteBuffer requests = ByteBuffer.allocate(12 * 1000);
            for (int i = 0; i < 1000; i++) {
                requests.put(MessageCodec.encode(Message.request(Request.GET_FEATURES, Payload.NONE)));
            }
            for (int i = 0; i < 1000 && backend.device.endReasons.isEmpty(); i++) {
                ByteBuffer direct = ByteBuffer.allocateDirect(requests.capacity())
                        .put(requests.flip())
                        .flip();
                while (direct.hasRemaining() && backend.device.endReasons.isEmpty()) {
                    try {
                        frontEnd.socket.send(direct);
                    } catch (IOException e) {
                        break; // the back-end has hung up
                    }
                }
            }
            Await.until("end", () -> !backend.device.endReasons.isEmpty());
        }
        backend.assertEnded("did not read its replies");
    }

    @Test
    void shouldServeAFrontEndThatReadsItsRepliesLate() throws Exception {
        try (ScriptedFrontEnd frontEnd = backend.connect().negotiate()) {
            int asked = 0;
            ByteBuffer request = MessageCodec.encode(Message.request(Request.GET_FEATURES, Payload.NONE));
            while (frontEnd.socket.send(request.rewind()) > 0) {
                asked++; // until neither side takes any more
            }
            assertThat(asked).isGreaterThan(100);
            for (int i = 0; i < asked; i++) {
                frontEnd.receive(Request.GET_FEATURES);
            }
        }
        backend.assertEnded("front-end closed the connection");
    }

    @Test
    void shouldLeaveNothingBehindAfter200Connections() throws Exception {
        for (int i = 0; i < 200; i++) {
            try (ScriptedFrontEnd frontEnd = backend.connect()) {
                switch (i % 4) {
                    case 0 -> {}
                    case 1 -> frontEnd.raw(kickMessage().limit(13), frontEnd.kick.fd());
                    case 2 -> frontEnd.shareMemory().u64(Request.SET_VRING_CALL, 0, frontEnd.call.fd());
                    default -> frontEnd.start();
                }
            }
        }
        Await.until("200 ends", () -> backend.device.endReasons.size() == 200);
        assertThat(backend.device.opened).hasValue(200);
        backend.assertNothingLeft();
        backend.assertNeighbourWorks();
    }

    /** Often, so that it is compiled: the fault of an access to that memory then strikes later, anywhere in the thread. */
    @Test
    void shouldServeTheNeighbourWhenMemoryIsTruncatedAgainAndAgain() throws Exception {
        for (int i = 0; i < 500; i++) {
            try (ScriptedFrontEnd frontEnd = backend.connect().negotiate().shareMemory()) {
                frontEnd.get(Request.GET_STATUS);
                frontEnd.memory.truncate();
                try {
                    frontEnd.startRing(0);
                } catch (IOException e) {
                    // The back-end may hang up before all is said.
                }
                int ended = i;
                Await.until("end of session " + i, () -> backend.device.endReasons.size() > ended);
            }
        }
        assertThat(backend.device.endReasons).hasSize(500).allMatch(reason -> reason.contains("truncated"));
        backend.assertNothingLeft();
        backend.assertNeighbourWorks();
    }

    @Test
    void shouldKeepServingWhileARingIsToggled() throws Exception {
        try (ScriptedFrontEnd frontEnd = backend.connect().start()) {
            for (int i = 0; i < 2000; i++) {
                frontEnd.vring(Request.SET_VRING_ENABLE, 0, i & 1);
            }
            backend.assertNeighbourWorks();
            assertThat(frontEnd.acknowledged(Request.SET_VRING_ENABLE, new VringState(0, 1)))
                    .isZero();
            assertThat(frontEnd.acknowledged(Request.NET_SET_MTU, new U64(1500)))
                    .isZero();
        }
        backend.assertEnded("front-end closed the connection");
    }

    private static void startRingAt(ScriptedFrontEnd frontEnd, long descriptors) throws Exception {
        frontEnd.negotiate()
                .shareMemory()
                .vring(Request.SET_VRING_NUM, 0, 256)
                .send(
                        Request.SET_VRING_ADDR,
                        new VringAddress(0, 0, descriptors, descriptors + 0x2000, descriptors + 0x1000, 0))
                .u64(Request.SET_VRING_KICK, 0, frontEnd.kick.fd());
    }

    private static void share(ScriptedFrontEnd frontEnd, Region region) throws IOException {
        frontEnd.send(Request.SET_MEM_TABLE, new MemoryTable(List.of(region)), frontEnd.memory.fd);
    }

    /** A SET_MEM_TABLE of any count and length. */
    private static ByteBuffer table(int count, int length) {
        Region[] regions = new Region[(length - 8) / 32];
        Arrays.fill(regions, SharedMemory.region());
        ByteBuffer message =
                MessageCodec.encode(Message.request(Request.SET_MEM_TABLE, new MemoryTable(List.of(regions))));
        return message.putInt(12, count);
    }

    private static ByteBuffer kickMessage() {
        return MessageCodec.encode(Message.request(Request.SET_VRING_KICK, new U64(0)));
    }

    private static int[] repeated(int fd, int times) {
        return IntStream.generate(() -> fd).limit(times).toArray();
    }
}

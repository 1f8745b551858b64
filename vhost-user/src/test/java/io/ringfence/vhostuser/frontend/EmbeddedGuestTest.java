package io.ringfence.vhostuser.frontend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.ringfence.testing.Await;
import io.ringfence.vhostuser.backend.BackendEventLoop;
import io.ringfence.vhostuser.backend.DeviceOffer;
import io.ringfence.vhostuser.backend.VhostUserConnector;
import io.ringfence.vhostuser.backend.VhostUserListener;
import io.ringfence.vhostuser.linux.OpenDescriptors;
import io.ringfence.vhostuser.protocol.Features;
import io.ringfence.vhostuser.protocol.ProtocolFeatures;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Both halves of the library against each other, over real sockets: each frame comes back once and in order. */
class EmbeddedGuestTest {
    private static final long TIME_LIMIT_NANOS = 20_000_000_000L;
    private static final int LOST_MILLIS = 5000;
    private static final int FRAMES_PER_PAIR = 500;
    private static final long FEATURES = Features.VERSION_1
            | Features.NET_MRG_RXBUF
            | Features.INDIRECT_DESC
            | Features.EVENT_IDX
            | Features.IN_ORDER
            | Features.RING_PACKED
            | Features.NET_MQ;
    private static final DeviceOffer OFFER =
            new DeviceOffer(FEATURES, DeviceOffer.SUPPORTED_PROTOCOL_FEATURES, 4, 1500);
    private static final QueueOptions SMALL = QueueOptions.ofSize(16);

    record Setting(String name, boolean listens, GuestOptions options) {
        @Override
        public String toString() {
            return name + (listens ? ", guest is server" : ", guest is client");
        }
    }

    static final List<Setting> SETTINGS = Stream.of(false, true)
            .flatMap(listens -> Stream.of(
                    new Setting("1 pair", listens, GuestOptions.ofPairs(1)),
                    new Setting("4 pairs", listens, GuestOptions.ofPairs(4)),
                    new Setting("packed", listens, GuestOptions.ofPairs(2).withPackedRings()),
                    new Setting(
                            "packed, IN_ORDER",
                            listens,
                            GuestOptions.ofPairs(1)
                                    .withFeatures(Features.IN_ORDER)
                                    .withPackedRings()),
                    new Setting(
                            "packed, uneven, chains, many buffers for a frame",
                            listens,
                            GuestOptions.ofPairs(1)
                                    .withPackedRings()
                                    .withTransmit(QueueOptions.ofSize(47)
                                            .withChains(5)
                                            .withBase(90))
                                    .withReceive(QueueOptions.ofSize(100)
                                            .withBufferLength(128)
                                            .withBase(70))),
                    new Setting("no EVENT_IDX", listens, GuestOptions.ofPairs(1).withFeatures(0)),
                    new Setting(
                            "IN_ORDER",
                            listens,
                            GuestOptions.ofPairs(2).withFeatures(Features.IN_ORDER | Features.EVENT_IDX)),
                    new Setting(
                            "no protocol features but MQ",
                            listens,
                            GuestOptions.ofPairs(2).withProtocolFeatures(ProtocolFeatures.MQ)),
                    new Setting(
                            "small, indirect, many buffers for a frame",
                            listens,
                            GuestOptions.ofPairs(1)
                                    .withTransmit(SMALL.withIndirectTables(9).withBase(65530))
                                    .withReceive(SMALL.withBufferLength(128).withBase(65530)))))
            .toList();

    private final EchoDevice device = new EchoDevice(OFFER);
    private final BackendEventLoop loops = BackendEventLoop.start(1);
    private int number;

    @AfterEach
    void close() {
        loops.close();
        device.close();
    }

    @ParameterizedTest
    @FieldSource("SETTINGS")
    void shouldGetEachFrameBackAcrossSessions(Setting setting, @TempDir Path folder) throws Exception {
        Path path = folder.resolve("guest.sock");
        try (BackEnd backEnd = open(path, setting.listens());
                EmbeddedGuest guest = setting.listens()
                        ? EmbeddedGuest.listen(path, setting.options())
                        : EmbeddedGuest.connect(path, setting.options())) {
            assertThat(backEnd).isNotNull();
            exchange(guest, setting.options().queuePairs());

            guest.detach();
            guest.attach();
            exchange(guest, setting.options().queuePairs());

            guest.session().close(); // as if the front-end died
            guest.attach();
            exchange(guest, setting.options().queuePairs());
        }
        assertThat(device.endings()).hasSize(3);
    }

    @Test
    void shouldRefuseToAttachWhenBackEndHasFewerQueuePairs(@TempDir Path folder) throws IOException {
        Path path = folder.resolve("guest.sock");
        try (VhostUserListener backEnd = VhostUserListener.open(loops, path, device)) {
            assertThat(backEnd).isNotNull();
            assertThatIOException()
                    .isThrownBy(() -> EmbeddedGuest.connect(path, GuestOptions.ofPairs(5)))
                    .withMessageContaining("4 queue pairs, expected 5");
        }
    }

    @Test
    void shouldLeaveNothingBehindWhenItCannotBeMade(@TempDir Path folder) throws IOException {
        Path path = folder.resolve("guest.sock");
        try (VhostUserListener backEnd = VhostUserListener.open(loops, path, device)) {
            assertThat(backEnd).isNotNull();
            assertThatIOException().isThrownBy(() -> EmbeddedGuest.connect(path, GuestOptions.ofPairs(5)));
            Await.until(
                    "end of a session, by which classes are loaded",
                    () -> device.endings().size() == 1);
            long before = OpenDescriptors.count();

            assertThatIOException().isThrownBy(() -> EmbeddedGuest.connect(path, GuestOptions.ofPairs(5)));
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> EmbeddedGuest.listen(folder.resolve("own.sock"), GuestOptions.ofPairs(5000)))
                    .withMessageContaining("2 GiB");

            OpenDescriptors.await(before);
            assertThat(folder.resolve("own.sock")).doesNotExist();
        }
    }

    private interface BackEnd extends AutoCloseable {
        @Override
        void close();
    }

    private BackEnd open(Path path, boolean guestListens) throws IOException {
        return guestListens
                ? VhostUserConnector.open(loops, path, device)::close
                : VhostUserListener.open(loops, path, device)::close;
    }

    private void exchange(EmbeddedGuest guest, int pairs) {
        List<Deque<byte[]>> awaited = Stream.generate(() -> (Deque<byte[]>) new ArrayDeque<byte[]>())
                .limit(pairs)
                .toList();
        int received = 0;
        int[] sent = new int[pairs];
        long end = System.nanoTime() + TIME_LIMIT_NANOS;
        while (received < FRAMES_PER_PAIR * pairs) {
            for (int pair = 0; pair < pairs; pair++) {
                sent[pair] += send(guest, pair, FRAMES_PER_PAIR - sent[pair], awaited.get(pair));
                for (byte[] frame : Frames.poll(guest.receive(pair), 64)) {
                    assertThat(frame).isEqualTo(awaited.get(pair).poll());
                    received++;
                }
            }
            if (System.nanoTime() > end) {
                throw new AssertionError(
                        "%d of %d frames came back in time".formatted(received, FRAMES_PER_PAIR * pairs));
            }
            // The last frames come back by calls alone; before that the transmit queues may just be full.
            boolean allSent = IntStream.of(sent).sum() == FRAMES_PER_PAIR * pairs;
            if (received < FRAMES_PER_PAIR * pairs) {
                assertThat(guest.awaitFrames(allSent ? LOST_MILLIS : 1) || !allSent)
                        .as("call for the frames in flight")
                        .isTrue();
            }
        }
    }

    private int send(EmbeddedGuest guest, int pair, int limit, Deque<byte[]> awaited) {
        int count = 0;
        while (count < Math.min(limit, 40)) {
            byte[] frame = Frames.numbered(number, 60 + number % 1400);
            if (!Frames.offer(guest.transmit(pair), guest.memory(), frame)) {
                break;
            }
            awaited.add(frame);
            number++;
            count++;
        }
        guest.transmit(pair).flush();
        return count;
    }
}

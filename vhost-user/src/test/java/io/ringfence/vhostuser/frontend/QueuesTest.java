package io.ringfence.vhostuser.frontend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import com.sun.management.ThreadMXBean;
import io.ringfence.vhostuser.linux.OpenDescriptors;
import io.ringfence.vhostuser.protocol.Features;
import io.ringfence.vhostuser.virtqueue.BufferChain;
import io.ringfence.vhostuser.virtqueue.Virtqueue;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

class QueuesTest {
    private static final long ALL =
            Features.NET_MRG_RXBUF | Features.INDIRECT_DESC | Features.EVENT_IDX | Features.VERSION_1;

    record Layout(QueueOptions options, long features) {
        Layout packed() {
            return new Layout(options, features | Features.RING_PACKED);
        }
    }

    static final List<Layout> LAYOUTS = Stream.of(
                    QueueOptions.ofSize(8),
                    QueueOptions.ofSize(8).withPolling(),
                    QueueOptions.ofSize(1),
                    QueueOptions.ofSize(16).withChains(4),
                    QueueOptions.ofSize(16).withChains(3),
                    QueueOptions.ofSize(4).withIndirectTables(1),
                    QueueOptions.ofSize(8).withIndirectTables(8))
            .flatMap(options -> Stream.of(options, options.withBase(65530)))
            .flatMap(options -> Stream.of(
                    new Layout(options, Features.VERSION_1 | Features.INDIRECT_DESC),
                    new Layout(options, ALL),
                    new Layout(options, ALL | Features.IN_ORDER)))
            .flatMap(layout -> Stream.of(layout, layout.packed()))
            .toList();

    /** Packed rings of sizes that are no powers of two. */
    static final List<Layout> UNEVEN_LAYOUTS = Stream.of(
                    QueueOptions.ofSize(3),
                    QueueOptions.ofSize(7).withChains(2),
                    QueueOptions.ofSize(100).withChains(9),
                    QueueOptions.ofSize(11).withIndirectTables(5))
            .flatMap(options -> Stream.of(options, options.withBase(65530)))
            .flatMap(options -> Stream.of(
                    new Layout(options, ALL | Features.RING_PACKED),
                    new Layout(options, ALL | Features.RING_PACKED | Features.IN_ORDER)))
            .toList();

    private final SharedMemory memory = SharedMemory.create(4 << 20);
    private final DeviceSide device = new DeviceSide(memory);

    @AfterEach
    void close() {
        device.close();
        memory.close();
    }

    @ParameterizedTest
    @ValueSource(longs = {Features.VERSION_1, Features.VERSION_1 | Features.RING_PACKED})
    void shouldCloseItsDescriptorsWhenItCannotBeLaidOut(long features) {
        long before = OpenDescriptors.count();
        QueueOptions options = QueueOptions.ofSize(256);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TransmitQueue(memory, options.withIndirectTables(4), features));
        try (SharedMemory none = SharedMemory.create(1 << 10)) {
            assertThatIllegalStateException().isThrownBy(() -> new TransmitQueue(none, options, features));
        }
        try (SharedMemory forRings = SharedMemory.create(1 << 14)) {
            assertThatIllegalStateException().isThrownBy(() -> new TransmitQueue(forRings, options, features));
            assertThatIllegalStateException().isThrownBy(() -> new ReceiveQueue(forRings, options, features));
        }

        assertThat(OpenDescriptors.count()).isEqualTo(before);
    }

    @ParameterizedTest
    @FieldSource({"LAYOUTS", "UNEVEN_LAYOUTS"})
    void shouldTransmitEachFrameOnceAndInOrder(Layout layout) {
        TransmitQueue transmit = new TransmitQueue(memory, layout.options(), layout.features());
        Virtqueue queue = device.queue(transmit.rings().setup(1), layout.features());
        List<byte[]> sent = new ArrayList<>();
        List<byte[]> seen = new ArrayList<>();

        for (int i = 0; i < 300; i++) {
            byte[] frame = Frames.numbered(i, i * 7 % 1500);
            while (!Frames.offer(transmit, memory, frame)) {
                transmit.flush();
                seen.addAll(device.take(queue, 5));
                queue.publish();
            }
            sent.add(frame);
        }
        transmit.flush();
        seen.addAll(device.take(queue, Integer.MAX_VALUE));
        queue.publish();
        transmit.reclaim();

        assertThat(seen).containsExactlyElementsOf(sent);
        assertThat(transmit.inFlight()).isZero();
        transmit.close();
    }

    @ParameterizedTest
    @FieldSource({"LAYOUTS", "UNEVEN_LAYOUTS"})
    void shouldReceiveEachFrameOnceAndInOrder(Layout layout) {
        ReceiveQueue receive = new ReceiveQueue(memory, layout.options(), layout.features());
        receive.startPosting();
        Virtqueue queue = device.queue(receive.rings().setup(0), layout.features());
        List<byte[]> sent = new ArrayList<>();
        List<byte[]> seen = new ArrayList<>();

        for (int i = 0; i < 300; i++) {
            byte[] frame = Frames.numbered(i, i * 7 % 1500);
            while (!device.put(queue, frame)) {
                queue.publish();
                seen.addAll(Frames.poll(receive, 5));
            }
            sent.add(frame);
        }
        queue.publish();
        seen.addAll(Frames.poll(receive, Integer.MAX_VALUE));

        assertThat(seen).containsExactlyElementsOf(sent);
        assertThat(queue.available())
                .as("all buffers posted again")
                .isEqualTo(layout.options().buffers());
        receive.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {12, 13, 60, 100, 2048})
    void shouldHandOutPiecesWhenAskedForThem(int bufferLength) {
        QueueOptions options = QueueOptions.ofSize(128).withBufferLength(bufferLength);
        ReceiveQueue receive = new ReceiveQueue(memory, options, ALL);
        receive.startPosting();
        Virtqueue queue = device.queue(receive.rings().setup(0), ALL);
        byte[] pieces = new byte[1400];
        List<byte[]> seen = new ArrayList<>();

        for (int i = 0; i < 40; i++) {
            byte[] frame = Frames.numbered(i, i * 37 % 1400);
            assertThat(device.put(queue, frame)).isTrue();
            queue.publish();
            int taken = receive.pollPieces(
                    (from, offset, length, position, last) -> {
                        MemorySegment.copy(from, ValueLayout.JAVA_BYTE, offset, pieces, position, length);
                        if (last) {
                            seen.add(Arrays.copyOf(pieces, position + length));
                        }
                    },
                    10);
            assertThat(taken).isEqualTo(1);
            assertThat(seen.removeLast()).isEqualTo(frame);
        }
        assertThat(queue.available()).as("all buffers posted again").isEqualTo(options.buffers());
        receive.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {12, 13, 60, 100})
    void shouldMergeFrameWhenBuffersAreSmallerThanIt(int bufferLength) {
        QueueOptions options = QueueOptions.ofSize(128).withBufferLength(bufferLength);
        ReceiveQueue receive = new ReceiveQueue(memory, options, ALL);
        receive.startPosting();
        Virtqueue queue = device.queue(receive.rings().setup(0), ALL);
        List<byte[]> frames = List.of(
                Frames.numbered(1, 1400), Frames.numbered(2, 1), Frames.numbered(3, 60), Frames.numbered(4, 64));
        List<byte[]> seen = new ArrayList<>();

        for (byte[] frame : frames) {
            if (!device.put(queue, frame)) {
                queue.publish();
                seen.addAll(Frames.poll(receive, 10));
                assertThat(device.put(queue, frame)).isTrue();
            }
        }
        queue.publish();
        seen.addAll(Frames.poll(receive, 10));

        assertThat(seen).containsExactlyElementsOf(frames);
        receive.close();
    }

    @Test
    void shouldKeepFramesWholeWhenBuffersSpanTwoRegions() {
        TransmitQueue transmit = new TransmitQueue(memory, QueueOptions.ofSize(8), ALL);
        ReceiveQueue receive = new ReceiveQueue(memory, QueueOptions.ofSize(8), ALL);
        receive.startPosting();
        long buffer = transmit.claim(1000);
        byte[] frame = Frames.numbered(1, 1000);
        Frames.offer(transmit, memory, frame);
        transmit.flush();
        try (DeviceSide split = new DeviceSide(memory, buffer + 500)) {
            Virtqueue queue = split.queue(transmit.rings().setup(1), ALL);

            assertThat(split.take(queue, 1)).containsExactly(frame);
        }
        transmit.close();
        receive.close();
    }

    @Test
    void shouldReturnNoBufferWhenDeviceHoldsAll() {
        TransmitQueue transmit = new TransmitQueue(memory, QueueOptions.ofSize(4), ALL);
        Virtqueue queue = device.queue(transmit.rings().setup(1), ALL);
        for (int i = 0; i < 4; i++) {
            assertThat(Frames.offer(transmit, memory, new byte[60])).isTrue();
        }

        assertThat(transmit.claim(60)).isEqualTo(-1);
        assertThat(queue.available()).as("not flushed").isZero();
        transmit.flush();
        assertThat(device.take(queue, 1)).hasSize(1);
        queue.publish();
        assertThat(transmit.claim(60)).isNotNegative();
        transmit.close();
    }

    @Test
    void shouldRefuseMisuse() {
        TransmitQueue transmit =
                new TransmitQueue(memory, QueueOptions.ofSize(4).withBufferLength(112), 0);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> transmit.claim(101))
                .withMessageContaining("frame of 101 bytes: the buffers hold up to 100");
        assertThatIllegalStateException().isThrownBy(transmit::commit).withMessageContaining("call claim first");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> new TransmitQueue(memory, QueueOptions.ofSize(4).withIndirectTables(2), 0))
                .withMessageContaining("INDIRECT_DESC");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TransmitQueue(memory, QueueOptions.ofSize(5), ALL))
                .withMessageContaining("power of two");
        transmit.close();
    }

    @Test
    void shouldSpreadFrameOverAsManyDescriptorsAsAskedFor() {
        QueueOptions dear = QueueOptions.ofSize(256).withIndirectTables(250);
        TransmitQueue transmit = new TransmitQueue(memory, dear, ALL);
        Virtqueue queue = device.queue(transmit.rings().setup(1), ALL);
        byte[] frame = Frames.numbered(9, 300);
        Frames.offer(transmit, memory, frame);
        transmit.flush();

        assertThat(queue.available()).isOne();
        assertThat(device.read(queue, 0)).isEqualTo(frame);
        assertThat(device.descriptors()).isEqualTo(250);
        transmit.close();
    }

    @Test
    void shouldOfferNoRoomWhenPostingIsStopped() {
        ReceiveQueue receive = new ReceiveQueue(memory, QueueOptions.ofSize(2), ALL);
        Virtqueue queue = device.queue(receive.rings().setup(0), ALL);
        assertThat(device.put(queue, new byte[60])).as("before posting").isFalse();

        receive.startPosting();
        receive.stopPosting();
        assertThat(device.put(queue, new byte[60])).isTrue();
        assertThat(device.put(queue, new byte[60])).isTrue();
        queue.publish();
        assertThat(Frames.poll(receive, 9)).hasSize(2);
        assertThat(device.put(queue, new byte[60])).as("while stopped").isFalse();

        receive.startPosting();
        assertThat(device.put(queue, new byte[60])).isTrue();
        receive.close();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, Features.EVENT_IDX, Features.RING_PACKED, Features.RING_PACKED | Features.EVENT_IDX})
    void shouldKickOnlyWhenDeviceWantsIt(long features) {
        TransmitQueue transmit = new TransmitQueue(memory, QueueOptions.ofSize(8), features);
        Virtqueue queue = device.queue(transmit.rings().setup(1), features);
        queue.arm();
        send(transmit);
        assertThat(transmit.rings().kick().drain()).isOne();

        assertThat(queue.available()).isOne();
        queue.disarm();
        send(transmit);
        assertThat(transmit.rings().kick().drain()).isZero();

        assertThat(queue.available()).isEqualTo(2);
        assertThat(queue.arm()).isFalse();
        send(transmit);
        assertThat(transmit.rings().kick().drain()).isOne();
        transmit.close();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, Features.EVENT_IDX, Features.RING_PACKED, Features.RING_PACKED | Features.EVENT_IDX})
    void shouldBeCalledOnlyWhenArmed(long features) {
        ReceiveQueue receive = new ReceiveQueue(memory, QueueOptions.ofSize(8), features);
        receive.startPosting();
        Virtqueue queue = device.queue(receive.rings().setup(0), features);
        device.put(queue, new byte[60]);
        assertThat(queue.publish()).as("never armed").isFalse();
        assertThat(receive.rings().arm()).as("a frame is there").isTrue();

        Frames.poll(receive, 9);
        assertThat(receive.rings().arm()).isFalse();
        device.put(queue, new byte[60]);
        assertThat(queue.publish()).as("armed").isTrue();

        Frames.poll(receive, 9);
        receive.rings().disarm();
        device.put(queue, new byte[60]);
        assertThat(queue.publish()).as("disarmed").isFalse();
        receive.close();
    }

    @ParameterizedTest
    @ValueSource(longs = {ALL, ALL | Features.RING_PACKED})
    void shouldAllocateNothingWhenDrivenLong(long features) {
        TransmitQueue transmit =
                new TransmitQueue(memory, QueueOptions.ofSize(64).withIndirectTables(2), features);
        ReceiveQueue receive = new ReceiveQueue(memory, QueueOptions.ofSize(64).withBufferLength(64), features);
        receive.startPosting();
        Virtqueue source = device.queue(transmit.rings().setup(1), features);
        Virtqueue sink = device.queue(receive.rings().setup(0), features);
        BufferChain chain = new BufferChain();
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long[] receivedBytes = new long[1];
        FrameHandler handler = (segment, offset, length) -> receivedBytes[0] += length;
        drive(transmit, source, receive, sink, chain, handler, 20_000);

        long before = threads.getCurrentThreadAllocatedBytes();
        drive(transmit, source, receive, sink, chain, handler, 200_000);
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;

        assertThat(receivedBytes[0]).isEqualTo(220_000 * 80);
        assertThat(allocated).as("bytes allocated for 400000 frames").isLessThan(10_000);
        transmit.close();
        receive.close();
    }

    /** Sends a frame and receives one that fills two buffers, again and again. */
    private static void drive(
            TransmitQueue transmit,
            Virtqueue source,
            ReceiveQueue receive,
            Virtqueue sink,
            BufferChain chain,
            FrameHandler handler,
            int rounds) {
        for (int i = 0; i < rounds; i++) {
            long offset = transmit.claim(i % 100);
            transmit.commit();
            transmit.flush();
            if (offset < 0 || source.available() != 1 || !source.peek(0, false, chain)) {
                throw new AssertionError("frame %d did not arrive".formatted(i));
            }
            source.stage(0, chain.head(), 0);
            source.commit(1);
            source.publish();
            for (int buffer = 0; buffer < 2; buffer++) {
                if (sink.available() < 2 || !sink.peek(buffer, true, chain)) {
                    throw new AssertionError("no buffers for frame %d".formatted(i));
                }
                if (buffer == 0) {
                    chain.segment(0).set(ValueLayout.JAVA_SHORT_UNALIGNED, chain.offset(0) + 10, (short) 2);
                }
                sink.stage(buffer, chain.head(), buffer == 0 ? 64 : 28);
            }
            sink.commit(2);
            sink.publish();
            if (receive.poll(handler, 8) != 1) {
                throw new AssertionError("frame %d was not received".formatted(i));
            }
        }
    }

    private void send(TransmitQueue transmit) {
        assertThat(Frames.offer(transmit, memory, new byte[60])).isTrue();
        transmit.flush();
    }
}

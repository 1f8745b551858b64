package io.ringfence.dataplane.path;

import static org.assertj.core.api.Assertions.assertThat;

import io.ringfence.dataplane.path.RawQueue.Piece;
import io.ringfence.dataplane.path.RawQueue.Used;
import io.ringfence.vhostuser.backend.DeviceState;
import io.ringfence.vhostuser.frontend.SharedMemory;
import io.ringfence.vhostuser.memory.GuestMemory;
import io.ringfence.vhostuser.memory.MemoryRegion;
import io.ringfence.vhostuser.protocol.Features;
import io.ringfence.vhostuser.virtqueue.Virtqueue;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** A guest whose every buffer has the shape that a test wants. */
final class RawGuest implements AutoCloseable {
    static final long MODERN = Features.VERSION_1 | Features.INDIRECT_DESC;
    static final long MERGEABLE = MODERN | Features.NET_MRG_RXBUF;
    static final long LEGACY = Features.INDIRECT_DESC;

    final SharedMemory memory = SharedMemory.create(64 << 20);
    final MemoryRegion region;
    final GuestMemory table;
    final List<RawQueue> queues = new ArrayList<>();
    private final long features;
    private final boolean[] enabled;
    private int generation;

    RawGuest(long features, int size, int pairs) {
        this.features = features;
        try {
            region = MemoryRegion.map(
                    memory.duplicateFd(), memory.guestAddress(0), memory.lengthBytes(), memory.userAddress(0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        table = new GuestMemory(List.of(region));
        for (int i = 0; i < 2 * pairs; i++) {
            queues.add(new RawQueue(memory, size));
        }
        enabled = new boolean[2 * pairs];
        Arrays.fill(enabled, true);
    }

    static RawGuest of(long features) {
        return new RawGuest(features, 256, 1);
    }

    int headerLength() {
        return (features & (Features.VERSION_1 | Features.NET_MRG_RXBUF)) != 0 ? 12 : 10;
    }

    RawQueue receiver() {
        return queues.get(0);
    }

    RawQueue transmitter() {
        return queues.get(1);
    }

    /** Enables or disables a queue, from the next {@link #state} on. */
    void enable(int queue, boolean on) {
        enabled[queue] = on;
    }

    /** Starts all queues anew, from the next {@link #state} on. */
    void restart() {
        generation++;
    }

    /** What a session would tell the port. */
    DeviceState state() {
        List<Virtqueue> started = new ArrayList<>();
        for (int i = 0; i < queues.size(); i++) {
            started.add(Virtqueue.of(queues.get(i).setup(i, generation, enabled[i]), table, features));
        }
        return new DeviceState(features, table, started);
    }

    /** Allocates memory cut into pieces of these lengths. */
    Piece[] pieces(int... lengths) {
        Piece[] pieces = new Piece[lengths.length];
        for (int i = 0; i < lengths.length; i++) {
            pieces[i] = new Piece(memory.allocate(lengths[i], 1), lengths[i]);
        }
        return pieces;
    }

    /** Transmits a frame from a single buffer. */
    void send(byte[] frame) {
        send(0, frame);
    }

    /** Transmits a frame from a single buffer of a queue pair. */
    void send(int pair, byte[] frame) {
        Piece[] single = pieces(headerLength() + frame.length);
        write(single, frame);
        queues.get(2 * pair + 1).post(false, single);
    }

    /** Transmits a frame, and the first 10 bytes of its header, from buffers of these lengths. */
    void send(byte[] header, byte[] frame, int... lengths) {
        Piece[] chain = pieces(lengths);
        write(chain, header, frame);
        transmitter().post(false, chain);
    }

    /** The same, from random buffers in an indirect table. */
    void sendScattered(Random random, byte[] header, byte[] frame) {
        int[] lengths = new int[1 + random.nextInt(20)];
        int left = headerLength() + frame.length;
        for (int i = 0; i < lengths.length - 1; i++) {
            lengths[i] = random.nextInt(left / 2 + 1);
            left -= lengths[i];
        }
        lengths[lengths.length - 1] = left;
        Piece[] chain = pieces(lengths);
        write(chain, header, frame);
        transmitter().postIndirect(false, chain);
    }

    /** Writes a zero header and the frame over these pieces. */
    void write(Piece[] pieces, byte[] frame) {
        write(pieces, new byte[10], frame);
    }

    /** Writes the first 10 bytes of a header and the frame over these pieces. */
    void write(Piece[] pieces, byte[] header, byte[] frame) {
        byte[] bytes = new byte[headerLength() + frame.length];
        System.arraycopy(header, 0, bytes, 0, header.length);
        System.arraycopy(frame, 0, bytes, headerLength(), frame.length);
        int done = 0;
        for (Piece piece : pieces) {
            MemorySegment.copy(bytes, done, memory.segment(), ValueLayout.JAVA_BYTE, piece.offset(), piece.length());
            done += piece.length();
        }
    }

    /** Posts receive buffers of one descriptor each. */
    void offer(int count, int length) {
        offer(0, count, length);
    }

    void offer(int pair, int count, int length) {
        for (int i = 0; i < count; i++) {
            queues.get(2 * pair).post(true, pieces(length));
        }
    }

    /** Frames received so far and not taken. */
    List<byte[]> received() {
        return received(0);
    }

    List<byte[]> received(int pair) {
        return receivedWithHeaders(pair).stream()
                .map(received -> {
                    assertThat(received.header())
                            .as("the virtio-net header without num_buffers")
                            .containsOnly(0);
                    return received.frame();
                })
                .toList();
    }

    /** A frame and the first 10 bytes of its virtio-net header. */
    @SuppressWarnings("ArrayRecordComponent") // compared by their contents
    record Received(byte[] header, byte[] frame) {
        static void assertSame(List<Received> found, List<Received> expected) {
            assertThat(found).hasSameSizeAs(expected);
            for (int i = 0; i < found.size(); i++) {
                assertThat(found.get(i).header())
                        .as("header of packet %d", i)
                        .isEqualTo(expected.get(i).header());
                assertThat(found.get(i).frame())
                        .as("packet %d", i)
                        .isEqualTo(expected.get(i).frame());
            }
        }
    }

    List<Received> receivedWithHeaders(int pair) {
        RawQueue queue = queues.get(2 * pair);
        List<Received> frames = new ArrayList<>();
        while (queue.pending() > 0) {
            byte[] first = bytes(queue.take());
            int buffers = 1;
            if (headerLength() == 12) {
                buffers = (first[10] & 0xff) | (first[11] & 0xff) << 8;
            }
            byte[] frame = Arrays.copyOfRange(first, headerLength(), first.length);
            for (int i = 1; i < buffers; i++) {
                byte[] more = bytes(queue.take());
                int length = frame.length;
                frame = Arrays.copyOf(frame, length + more.length);
                System.arraycopy(more, 0, frame, length, more.length);
            }
            frames.add(new Received(Arrays.copyOf(first, 10), frame));
        }
        return frames;
    }

    private byte[] bytes(Used chain) {
        byte[] bytes = new byte[chain.writtenBytes()];
        int done = 0;
        for (Piece piece : chain.pieces()) {
            int length = Math.min(piece.length(), bytes.length - done);
            MemorySegment.copy(memory.segment(), ValueLayout.JAVA_BYTE, piece.offset(), bytes, done, length);
            done += length;
        }
        if (done < bytes.length) {
            throw new AssertionError("used length %d, but the chain has only %d bytes".formatted(bytes.length, done));
        }
        return bytes;
    }

    /** Transmit chains that the device gave back. */
    int reclaimed() {
        int count = 0;
        while (transmitter().pending() > 0) {
            transmitter().take();
            count++;
        }
        return count;
    }

    @Override
    public void close() {
        memory.close();
        region.close();
    }
}

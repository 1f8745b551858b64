package io.ringfence.vhostuser.frontend;

import io.ringfence.vhostuser.memory.GuestMemory;
import io.ringfence.vhostuser.memory.MemoryRegion;
import io.ringfence.vhostuser.virtqueue.BufferChain;
import io.ringfence.vhostuser.virtqueue.QueueSetup;
import io.ringfence.vhostuser.virtqueue.Virtqueue;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** The simplest device: takes frames from and puts frames into the queues of a guest in the same process. */
final class DeviceSide implements AutoCloseable {
    private static final int NUM_BUFFERS_OFFSET = 10;

    private final GuestMemory memory;
    private final BufferChain chain = new BufferChain();

    /** Has no memory of its own: its queues come from a session. */
    DeviceSide() {
        memory = GuestMemory.empty();
    }

    /** Maps the guest's memory as adjacent regions that end at these offsets and at its end. */
    DeviceSide(SharedMemory memory, long... bounds) {
        long[] edges = new long[bounds.length + 2];
        System.arraycopy(bounds, 0, edges, 1, bounds.length);
        edges[edges.length - 1] = memory.lengthBytes();
        this.memory = new GuestMemory(IntStream.range(1, edges.length)
                .mapToObj(i -> region(memory, edges[i - 1], edges[i]))
                .toList());
    }

    private static MemoryRegion region(SharedMemory memory, long start, long end) {
        try {
            return MemoryRegion.map(
                    memory.duplicateFd(), memory.guestAddress(start), end - start, memory.userAddress(start), start);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Virtqueue queue(QueueSetup setup, long features) {
        return Virtqueue.of(setup, memory, features);
    }

    /** Reads the frame {@code ahead} of the next one without taking it. */
    byte[] read(Virtqueue queue, int ahead) {
        peek(queue, ahead, false);
        byte[] bytes = new byte[chain.lengthBytes()];
        int position = 0;
        for (int i = 0; i < chain.count(); i++) {
            MemorySegment.copy(
                    chain.segment(i), ValueLayout.JAVA_BYTE, chain.offset(i), bytes, position, chain.length(i));
            position += chain.length(i);
        }
        return Arrays.copyOfRange(bytes, QueueOptions.HEADER_LENGTH, bytes.length);
    }

    /** Head of the chain read last. */
    int head() {
        return chain.head();
    }

    /** Descriptors of the chain read last. */
    int descriptors() {
        return chain.descriptors();
    }

    /** Takes up to {@code limit} frames and gives their buffers back, without publishing. */
    List<byte[]> take(Virtqueue queue, int limit) {
        int count = Math.min(limit, queue.available());
        List<byte[]> frames = IntStream.range(0, count)
                .mapToObj(ahead -> {
                    byte[] frame = read(queue, ahead);
                    queue.stage(ahead, chain.head(), 0);
                    return frame;
                })
                .toList();
        queue.commit(count);
        return frames;
    }

    /** Puts a frame into as many chains as it needs; false if there are too few. */
    boolean put(Virtqueue queue, byte[] frame) {
        byte[] bytes = new byte[QueueOptions.HEADER_LENGTH + frame.length];
        System.arraycopy(frame, 0, bytes, QueueOptions.HEADER_LENGTH, frame.length);
        int available = queue.available();
        int room = 0;
        int chains = 0;
        for (; chains < available && room < bytes.length; chains++) {
            peek(queue, chains, true);
            room += chain.lengthBytes();
        }
        if (room < bytes.length) {
            return false;
        }
        bytes[NUM_BUFFERS_OFFSET] = (byte) chains;
        bytes[NUM_BUFFERS_OFFSET + 1] = (byte) (chains >> 8);
        int position = 0;
        for (int ahead = 0; ahead < chains; ahead++) {
            peek(queue, ahead, true);
            int start = position;
            for (int i = 0; i < chain.count(); i++) {
                int length = Math.min(chain.length(i), bytes.length - position);
                MemorySegment.copy(bytes, position, chain.segment(i), ValueLayout.JAVA_BYTE, chain.offset(i), length);
                position += length;
            }
            queue.stage(ahead, chain.head(), position - start);
        }
        queue.commit(chains);
        return true;
    }

    private void peek(Virtqueue queue, int ahead, boolean writable) {
        if (!queue.peek(ahead, writable, chain)) {
            throw new AssertionError("the driver side broke a rule: " + queue.fault());
        }
    }

    @Override
    public void close() {
        memory.regions().forEach(MemoryRegion::close);
    }
}

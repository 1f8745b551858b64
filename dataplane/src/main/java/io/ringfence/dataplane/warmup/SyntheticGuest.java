package io.ringfence.dataplane.warmup;

import io.ringfence.vhostuser.backend.DeviceState;
import io.ringfence.vhostuser.event.EventFd;
import io.ringfence.vhostuser.event.EventSet;
import io.ringfence.vhostuser.frontend.FrameHandler;
import io.ringfence.vhostuser.frontend.QueueOptions;
import io.ringfence.vhostuser.frontend.ReceiveQueue;
import io.ringfence.vhostuser.frontend.SharedMemory;
import io.ringfence.vhostuser.frontend.TransmitQueue;
import io.ringfence.vhostuser.linux.Libc;
import io.ringfence.vhostuser.memory.GuestMemory;
import io.ringfence.vhostuser.memory.MemoryRegion;
import io.ringfence.vhostuser.protocol.Features;
import io.ringfence.vhostuser.virtqueue.Virtqueue;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.agrona.CloseHelper;
import org.jspecify.annotations.Nullable;

/**
 * A guest without a session: its queues are given to a port directly. Owned by one thread; the port may be visited by
 * another.
 */
public final class SyntheticGuest implements AutoCloseable {
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
    private static final int MAX_FRAME_LENGTH = 1 << 16;
    private static final int LOW_MEMORY_BYTES = 1 << 16;
    private static final int IP_OFFSET = 14;
    private static final int TCP_OFFSET = IP_OFFSET + 20;
    private static final int TCP_CHECKSUM_OFFSET = 16;
    private static final int TCP_PAYLOAD_OFFSET = TCP_OFFSET + 20;
    private static final int SEGMENT_LENGTH = 1_460;

    private final List<AutoCloseable> opened = new ArrayList<>();
    private final SharedMemory memory;
    private final TransmitQueue transmit;
    private final ReceiveQueue receive;
    private final EventSet calls;
    private final DeviceState state;
    private final boolean offloads;
    private final int frameCapacity;
    /** Whether buffers may have virtio-net headers in them that ask for something. */
    private boolean sentRareFrames;

    /** What it reads frames into and writes them from, so that it touches every byte as an operating system does. */
    private final MemorySegment socketBuffer = Arena.ofAuto().allocate(MAX_FRAME_LENGTH, 64);

    private final FrameHandler reader =
            (segment, offset, length) -> MemorySegment.copy(segment, offset, socketBuffer, 0, length);

    /**
     * Lays out its memory and queues and posts all receive buffers.
     *
     * @param features the virtio features negotiated; with CSUM, its frames leave checksums and cutting to the receiver
     * @throws IOException if its memory cannot be mapped
     */
    public SyntheticGuest(QueueOptions transmitting, QueueOptions receiving, long features) throws IOException {
        this(transmitting, receiving, features, false);
    }

    /**
     * As above.
     *
     * @param lowMemory whether there is another region, in which nothing lies, before that of its queues
     */
    SyntheticGuest(QueueOptions transmitting, QueueOptions receiving, long features, boolean lowMemory)
            throws IOException {
        offloads = (features & Features.NET_CSUM) != 0;
        frameCapacity = transmitting.bufferLengthBytes() - QueueOptions.HEADER_LENGTH;
        try {
            memory = open(SharedMemory.create(
                    Math.max(1 << 20, 2 * (transmitting.memoryLengthBytes() + receiving.memoryLengthBytes()))));
            List<MemoryRegion> regions = new ArrayList<>();
            if (lowMemory) {
                regions.add(open(map(memory, 0, LOW_MEMORY_BYTES, memory.userAddress(0) - LOW_MEMORY_BYTES)));
            }
            regions.add(open(map(memory, memory.guestAddress(0), memory.lengthBytes(), memory.userAddress(0))));
            transmit = open(new TransmitQueue(memory, transmitting, features));
            receive = open(new ReceiveQueue(memory, receiving, features));
            calls = open(EventSet.create());
            addCall(transmit.rings().call());
            addCall(receive.rings().call());
            receive.startPosting();
            GuestMemory table = new GuestMemory(regions);
            state = new DeviceState(
                    features,
                    table,
                    List.of(
                            Virtqueue.of(receive.rings().setup(0), table, features),
                            Virtqueue.of(transmit.rings().setup(1), table, features)));
        } catch (IOException | RuntimeException | Error e) {
            CloseHelper.quietCloseAll(opened.reversed());
            throw e;
        }
    }

    private <T extends AutoCloseable> T open(T resource) {
        opened.add(resource);
        return resource;
    }

    /** Maps the beginning of memory. */
    private static MemoryRegion map(SharedMemory memory, long guestAddress, long lengthBytes, long userAddress)
            throws IOException {
        int fd = memory.duplicateFd();
        try {
            return MemoryRegion.map(fd, guestAddress, lengthBytes, userAddress, 0);
        } catch (IOException | RuntimeException | Error e) {
            Libc.close(fd);
            throw e;
        }
    }

    /** What a session would have told the port. */
    public DeviceState state() {
        return state;
    }

    /** Nobody waits for calls, but with somebody who could, a call costs what it costs with a real guest. */
    private void addCall(@Nullable EventFd call) {
        calls.add(Objects.requireNonNull(call, "the queues must not be polled"));
    }

    /** By what it kicks for frames offered. */
    public EventFd kick() {
        return transmit.rings().kick();
    }

    /**
     * Offers frames until the queue is full or so many are in it; returns how many.
     *
     * @param source address, its first byte on the wire lowest
     * @param destinations likewise; the frames go to each in turn
     */
    public int offer(int frames, int lengthBytes, long source, long... destinations) {
        int offered = 0;
        while (offered < frames) {
            long at = transmit.claim(lengthBytes);
            if (at < 0) {
                break;
            }
            MemorySegment.copy(socketBuffer, 0, memory.segment(), at, lengthBytes);
            memory.segment().set(LONG, at, destinations[offered % destinations.length] | source << 48);
            memory.segment().set(LONG, at + 8, source >>> 16 | 0x0008L << 32);
            if (offloads && lengthBytes > TCP_PAYLOAD_OFFSET) {
                leaveWork(at, lengthBytes);
            } else if (sentRareFrames) {
                memory.segment()
                        .asSlice(at - QueueOptions.HEADER_LENGTH, QueueOptions.HEADER_LENGTH)
                        .fill((byte) 0);
            }
            transmit.commit();
            offered++;
        }
        transmit.flush();
        return offered;
    }

    /** As above with rare frames, cut off where this guest's buffers end. */
    void offer(int frames, RareFrames rare, long source, long... destinations) {
        sentRareFrames = true;
        for (int i = 0; i < frames; i++) {
            int length = Math.min(rare.lengthBytes(), frameCapacity);
            long at = transmit.claim(length);
            if (at < 0) {
                break;
            }
            rare.write(memory.segment(), at, length, source, destinations[i % destinations.length]);
            transmit.commit();
        }
        transmit.flush();
    }

    /** Makes it a TCP packet whose checksum is left to the receiver, and cutting it too if it is long. */
    private void leaveWork(long at, int lengthBytes) {
        MemorySegment bytes = memory.segment();
        bytes.set(LONG, at + IP_OFFSET, 0x45L); // no options, no fragment
        bytes.set(ValueLayout.JAVA_BYTE, at + IP_OFFSET + 9, (byte) 6);
        bytes.set(ValueLayout.JAVA_BYTE, at + TCP_OFFSET + 12, (byte) 0x50);
        long cut = lengthBytes > TCP_PAYLOAD_OFFSET + SEGMENT_LENGTH ? 1L << 8 | (long) SEGMENT_LENGTH << 32 : 0;
        long header = at - QueueOptions.HEADER_LENGTH;
        bytes.set(LONG, header, 1 | cut | (long) TCP_OFFSET << 48);
        bytes.set(ValueLayout.JAVA_INT_UNALIGNED, header + 8, TCP_CHECKSUM_OFFSET);
    }

    /** Takes what was received; returns how many frames. */
    public int take(int limit) {
        return receive.poll(reader, limit);
    }

    /** Asks to be called, for the next frame that comes as for the next one that has gone. */
    public void arm() {
        transmit.reclaim();
        transmit.rings().arm();
        receive.rings().arm();
    }

    /** Asks not to be called. */
    void disarm() {
        transmit.rings().disarm();
        receive.rings().disarm();
    }

    @Override
    public void close() {
        CloseHelper.closeAll(opened.reversed());
    }
}

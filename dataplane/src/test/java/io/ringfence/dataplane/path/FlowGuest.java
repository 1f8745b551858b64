package io.ringfence.dataplane.path;

import static io.ringfence.dataplane.path.Frames.address;

import io.ringfence.vhostuser.backend.DeviceState;
import io.ringfence.vhostuser.event.EventFd;
import io.ringfence.vhostuser.frontend.QueueOptions;
import io.ringfence.vhostuser.frontend.ReceiveQueue;
import io.ringfence.vhostuser.frontend.SharedMemory;
import io.ringfence.vhostuser.frontend.TransmitQueue;
import io.ringfence.vhostuser.memory.GuestMemory;
import io.ringfence.vhostuser.memory.MemoryRegion;
import io.ringfence.vhostuser.protocol.Features;
import io.ringfence.vhostuser.virtqueue.Virtqueue;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Queue;

/**
 * A guest whose frames are numbered per flow and carry a checksum, and who checks those it receives.
 *
 * <p>One thread sends and receives; the state for the port may be made by another.
 */
final class FlowGuest implements AutoCloseable {
    /** Ethernet header, flow, number and checksum. */
    static final int MIN_LENGTH = 14 + 2 + 8 + 8;

    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int NUMBER = 16;
    private static final int CHECKSUM = 24;
    private static final long ODD = 0x9e37_79b9_7f4a_7c15L;

    private final int flow;
    private final int vm;
    private final int pair;
    private final long features;
    private final SharedMemory memory = SharedMemory.create(4 << 20);
    private final MemoryRegion region;
    private final GuestMemory table;
    private final TransmitQueue transmit;
    private final ReceiveQueue receive;
    private final long[] nextToSend;
    private final long[] lastReceived;
    private final Queue<String> violations;
    private DeviceState state;
    private boolean unmapped;
    private long sent;
    private long received;

    /** A guest with one queue pair. */
    FlowGuest(int member, int members, int layout, boolean packed, Queue<String> violations) {
        this(member, members, member, 0, layout, packed, violations);
    }

    /**
     * One queue pair of a guest.
     *
     * @param flow the number of this queue pair among all
     * @param flows how many of them there are
     * @param vm by whose address it is known
     * @param pair the index of this queue pair in its guest
     * @param layout 0: single buffers; 1: mergeable buffers of 256 bytes; 2: indirect tables
     * @param packed whether its queues are packed, and of sizes that are no powers of two
     * @param violations where to say what is wrong with received frames
     */
    FlowGuest(int flow, int flows, int vm, int pair, int layout, boolean packed, Queue<String> violations) {
        this.flow = flow;
        this.vm = vm;
        this.pair = pair;
        this.violations = violations;
        features = Features.VERSION_1
                | Features.EVENT_IDX
                | Features.INDIRECT_DESC
                | (packed ? Features.RING_PACKED : 0)
                | (layout == 1 ? Features.NET_MRG_RXBUF : 0);
        QueueOptions plain =
                QueueOptions.ofSize(packed ? 100 : 128).withPolling().withBase(0xfff0);
        QueueOptions small = QueueOptions.ofSize(256).withPolling().withBufferLength(256);
        QueueOptions tables = plain.withIndirectTables(3);
        try {
            region = MemoryRegion.map(
                    memory.duplicateFd(), memory.guestAddress(0), memory.lengthBytes(), memory.userAddress(0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        table = new GuestMemory(List.of(region));
        transmit = new TransmitQueue(memory, layout == 2 ? tables : plain, features);
        receive = new ReceiveQueue(memory, layout == 1 ? small : layout == 2 ? tables : plain, features);
        receive.startPosting();
        nextToSend = new long[flows];
        lastReceived = new long[flows];
        state = fresh();
    }

    private DeviceState fresh() {
        return new DeviceState(
                features,
                table,
                List.of(
                        Virtqueue.of(receive.rings().setup(2 * pair), table, features),
                        Virtqueue.of(transmit.rings().setup(2 * pair + 1), table, features)));
    }

    /** What a session would have told the port at first. */
    DeviceState state() {
        return state;
    }

    /** The same queues in a new state, which goes on where the last one stopped; for the worker's thread. */
    DeviceState continued() {
        List<Virtqueue> before = state.queues();
        List<Virtqueue> queues = List.of(again(before.get(0)), again(before.get(1)));
        DeviceState next = new DeviceState(features, table, queues);
        state = next;
        return next;
    }

    private Virtqueue again(Virtqueue before) {
        Virtqueue queue = Virtqueue.of(before.setup(), table, features);
        queue.continueFrom(before);
        return queue;
    }

    /** Puts the next frame of the flow to a guest in the queue; false if it is full. */
    boolean send(int to, int length) {
        long at = transmit.claim(length);
        if (at < 0) {
            return false;
        }
        MemorySegment segment = memory.segment();
        long number = ++nextToSend[to];
        segment.set(LONG, at, address(to) | address(vm) << 48);
        segment.set(LONG, at + 8, address(vm) >>> 16 | (long) flow << 48);
        segment.set(LONG, at + NUMBER, number);
        for (int i = MIN_LENGTH; i < length; i++) {
            segment.set(ValueLayout.JAVA_BYTE, at + i, (byte) (number + i));
        }
        segment.set(LONG, at + CHECKSUM, checksum(segment, at, length));
        transmit.commit();
        sent++;
        return true;
    }

    void flush() {
        transmit.flush();
    }

    /** Frames that the device has not given back. */
    int inFlight() {
        transmit.reclaim();
        return transmit.inFlight();
    }

    /** Takes what has come, and checks it. */
    void receive(int limit) {
        receive.poll(this::check, limit);
    }

    private void check(MemorySegment segment, long at, int length) {
        received++;
        int from = (int) (segment.get(LONG, at + 8) >>> 48);
        long number = segment.get(LONG, at + NUMBER);
        if (from < 0 || from >= lastReceived.length || (segment.get(LONG, at) & 0xffff_ffff_ffffL) != address(vm)) {
            report("a frame of flow %d that was not sent to it".formatted(from));
        } else if (segment.get(LONG, at + CHECKSUM) != checksum(segment, at, length)) {
            report("frame %d of flow %d corrupted, %d bytes".formatted(number, from, length));
        } else if (number <= lastReceived[from]) {
            report("frame %d of flow %d after frame %d".formatted(number, from, lastReceived[from]));
        } else {
            lastReceived[from] = number;
        }
    }

    private void report(String what) {
        if (violations.size() < 20) {
            violations.add("queue pair " + pair + " of guest " + vm + " received " + what);
        }
    }

    private static long checksum(MemorySegment segment, long at, int length) {
        long sum = length;
        for (int i = 0; i + 8 <= length; i += 8) {
            if (i != CHECKSUM) {
                sum = (sum ^ segment.get(LONG, at + i)) * ODD;
            }
        }
        for (int i = length & -8; i < length; i++) {
            sum = (sum ^ segment.get(ValueLayout.JAVA_BYTE, at + i)) * ODD;
        }
        return sum;
    }

    /** What the worker is to wait for. */
    List<EventFd> kicks() {
        return List.of(receive.rings().kick(), transmit.rings().kick());
    }

    void stopPosting() {
        receive.stopPosting();
    }

    void startPosting() {
        receive.startPosting();
    }

    long sent() {
        return sent;
    }

    long received() {
        return received;
    }

    /** Unmaps what the worker sees of the memory, as only a bug would; the guest itself still has it. */
    void unmap() {
        region.close();
        unmapped = true;
    }

    /** Takes the memory away, as a front-end does that truncates its file. */
    void truncate() {
        truncate(0);
    }

    /** The same, but what lies before {@code keptBytes} stays. */
    void truncate(long keptBytes) {
        memory.truncate(keptBytes);
    }

    @Override
    public void close() {
        transmit.close();
        receive.close();
        memory.close();
        if (!unmapped) {
            region.close();
        }
    }
}

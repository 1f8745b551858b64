package io.ringfence.dataplane.control;

import io.ringfence.vhostuser.frontend.EmbeddedGuest;
import io.ringfence.vhostuser.frontend.FrameHandler;
import io.ringfence.vhostuser.virtqueue.QueueSetup;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;

/**
 * A guest whose frames are numbered for each receiver, and who counts those that it receives and checks their order; or one
 * queue pair of it, with an address of its own.
 */
final class NumberedGuest {
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
    private static final int NUMBER_OFFSET = 16;
    private static final int MEMBERS = 8;
    private static final int TRAIN = 8;

    private final int member;
    private final long address;
    private final EmbeddedGuest guest;
    private final int pair;
    private final MemorySegment memory;
    private final long[] sent = new long[MEMBERS];
    private final long[] received = new long[MEMBERS];
    private final long[] next = new long[MEMBERS];
    private final List<String> violations = new ArrayList<>();
    private final FrameHandler reader = this::read;

    NumberedGuest(int member, EmbeddedGuest guest) {
        this(member, guest, 0);
    }

    NumberedGuest(int member, EmbeddedGuest guest, int pair) {
        this.member = member;
        this.guest = guest;
        this.pair = pair;
        address = address(member);
        memory = guest.memory().segment();
    }

    /** 52:54:00:00:00:0n, first byte lowest. */
    static long address(int member) {
        return 0x005452L | (member + 1L) << 40;
    }

    int member() {
        return member;
    }

    EmbeddedGuest guest() {
        return guest;
    }

    /** Puts a frame in the transmit queue, to be shown by {@link #flush}; false if that is full. */
    boolean send(NumberedGuest to, int lengthBytes) {
        long at = guest.transmit(pair).claim(lengthBytes);
        if (at < 0) {
            return false;
        }
        memory.set(LONG, at, to.address | address << 48);
        memory.set(LONG, at + 8, address >>> 16 | 0xb588L << 32);
        memory.set(LONG, at + NUMBER_OFFSET, sent[to.member]++);
        guest.transmit(pair).commit();
        return true;
    }

    void flush() {
        guest.transmit(pair).flush();
    }

    /** Fills the transmit queue with trains of frames to these guests in turn. */
    void flood(int lengthBytes, NumberedGuest... to) {
        int i = 0;
        while (send(to[i / TRAIN], lengthBytes)) {
            i = i + 1 == to.length * TRAIN ? 0 : i + 1;
        }
        flush();
    }

    /** Has the device see buffers of other lengths from now on, in the receive queue's own descriptor table. */
    void shrinkReceiveBuffers(int lengthBytes) {
        QueueSetup queue = guest.setups().get(2 * pair);
        long table = queue.descriptorsAddress() - guest.memory().userAddress(0);
        for (int i = 0; i < queue.sizeEntries(); i++) {
            memory.set(ValueLayout.JAVA_INT_UNALIGNED, table + 16L * i + 8, lengthBytes);
        }
    }

    /** Takes so many frames that have come, at most. */
    int take(int limit) {
        return guest.receive(pair).poll(reader, limit);
    }

    private void read(MemorySegment segment, long offset, int lengthBytes) {
        int from = (int) (segment.get(LONG, offset + 4) >>> 56) - 1; // last byte of the source address
        if (from < 0 || from >= MEMBERS) {
            violations.add("a frame of %d bytes from member %d".formatted(lengthBytes, from));
            return;
        }
        long number = segment.get(LONG, offset + NUMBER_OFFSET);
        if (number < next[from]) {
            violations.add("frame %d of member %d after frame %d".formatted(number, from, next[from] - 1));
        }
        next[from] = number + 1;
        received[from]++;
    }

    /** Frames put in the transmit queue for this receiver. */
    long sentTo(NumberedGuest to) {
        return sent[to.member];
    }

    /** Frames taken from this sender. */
    long receivedFrom(NumberedGuest from) {
        return received[from.member];
    }

    /** Frames taken from all. */
    long received() {
        return LongStream.of(received).sum();
    }

    /** Frames received out of order, or from nowhere. */
    List<String> violations() {
        return violations;
    }
}

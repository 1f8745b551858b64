package io.ringfence.bench.traffic;

import io.ringfence.vhostuser.frontend.QueueOptions;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * A TCP frame of 64 KiB that its sender leaves to be cut into segments of 1448 bytes (VIRTIO_NET_HDR_GSO_TCPV4), as Linux sends
 * bulk data.
 *
 * <p>Carries what a {@link TestFrame} carries behind its headers. Of the payload one word in every 512 bytes is new in each
 * frame and examined, and the very last one: the generator is to take less time for such a frame than a switch does, which copies
 * all of it. One thread drives an examination, piece by piece; it allocates nothing.
 */
public final class LargeFrame {
    /** Payload of each segment: an MTU of 1500 less the headers, with TCP's timestamps. */
    static final int SEGMENT_BYTES = 1448;

    private static final int HEADERS_LENGTH = 14 + 20 + 20;
    /** Bytes of the whole frame: 45 segments, the most that an IPv4 packet holds. */
    public static final int LENGTH_BYTES = HEADERS_LENGTH + 45 * SEGMENT_BYTES;

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int ADDRESSES_LENGTH = 12;
    private static final int RUN_OFFSET = 56;
    private static final int FLOW_OFFSET = 60;
    private static final int SEQUENCE_OFFSET = 64;
    private static final int INTENDED_OFFSET = 72;
    private static final int FIELDS_END = 80;
    private static final int STRIDE = 512;
    private static final int LAST_WORD = LENGTH_BYTES - Long.BYTES;

    /** NEEDS_CSUM, TCPV4, hdr_len, gso_size, csum_start and csum_offset, num_buffers. */
    private static final MemorySegment VIRTIO_HEADER =
            octets(1, 1, HEADERS_LENGTH, 0, SEGMENT_BYTES & 0xff, SEGMENT_BYTES >> 8, 34, 0, 16, 0, 0, 0);

    /** Behind the addresses: type, IPv4 from 10.0.0.1 to 10.0.0.2 without fragments, TCP with ACK; the sums are set below. */
    private static final MemorySegment HEADERS = octets(
            8,
            0,
            0x45,
            0,
            (LENGTH_BYTES - 14) >> 8,
            (LENGTH_BYTES - 14) & 0xff,
            0,
            0,
            0x40,
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
            2,
            0x30,
            0x39,
            0x14,
            0x51,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0,
            0x50,
            0x10,
            0xff,
            0xff,
            0,
            0,
            0,
            0);

    static {
        setChecksum(12, ~sum(2, 22) & 0xffff);
        // Of the pseudo header only: addresses, protocol and length; the rest is left to whoever cuts it.
        setChecksum(38, fold(sum(14, 22) + 6 + LENGTH_BYTES - 34));
    }

    private int run;
    private int flow;
    private long sequence;
    private long intendedNanos;
    private long check;
    private long difference;
    private int next;
    private boolean ours;

    LargeFrame() {}

    private static MemorySegment octets(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return MemorySegment.ofArray(bytes);
    }

    private static int sum(int from, int to) {
        int sum = 0;
        for (int i = from; i < to; i += 2) {
            sum += (HEADERS.get(ValueLayout.JAVA_BYTE, i) & 0xff) << 8
                    | (HEADERS.get(ValueLayout.JAVA_BYTE, i + 1) & 0xff);
        }
        return fold(sum);
    }

    private static int fold(int sum) {
        int once = (sum & 0xffff) + (sum >>> 16);
        return (once & 0xffff) + (once >>> 16);
    }

    private static void setChecksum(int at, int value) {
        HEADERS.set(ValueLayout.JAVA_BYTE, at, (byte) (value >>> 8));
        HEADERS.set(ValueLayout.JAVA_BYTE, at + 1, (byte) value);
    }

    /** Writes everything but the addresses, and the virtio-net header before it. */
    static void write(MemorySegment memory, long offset, int run, int flow, long sequence, long intendedNanos) {
        MemorySegment.copy(VIRTIO_HEADER, 0, memory, offset - QueueOptions.HEADER_LENGTH, QueueOptions.HEADER_LENGTH);
        MemorySegment.copy(HEADERS, 0, memory, offset + ADDRESSES_LENGTH, HEADERS.byteSize());
        memory.set(INT, offset + RUN_OFFSET, run);
        memory.set(INT, offset + FLOW_OFFSET, flow);
        memory.set(LONG, offset + SEQUENCE_OFFSET, sequence);
        memory.set(LONG, offset + INTENDED_OFFSET, intendedNanos);
        long check = TestFrame.check(LENGTH_BYTES, run, flow, sequence, intendedNanos);
        for (int at = STRIDE; at < LAST_WORD; at += STRIDE) {
            memory.set(LONG, offset + at, check ^ at);
        }
        memory.set(LONG, offset + LAST_WORD, check ^ LAST_WORD);
    }

    /** Makes an earlier frame's buffer one for a frame that leaves nothing to do. */
    static void clearRequest(MemorySegment memory, long offset) {
        memory.set(LONG, offset - QueueOptions.HEADER_LENGTH, 0L);
        memory.set(INT, offset - QueueOptions.HEADER_LENGTH + Long.BYTES, 0);
    }

    /** Takes the next piece of a frame, of which the first has all headers. */
    void examine(MemorySegment memory, long offset, int lengthBytes, int position, int wantedRun) {
        if (position == 0) {
            begin(memory, offset, lengthBytes, wantedRun);
        }
        if (!ours) {
            return;
        }
        int end = position + lengthBytes;
        // A word that lies in two buffers is not looked at.
        for (; next + Long.BYTES <= end; next += STRIDE) {
            if (next >= position) {
                difference |= memory.get(LONG, offset + next - position) ^ check ^ next;
            }
        }
        if (end == LENGTH_BYTES && position <= LAST_WORD) {
            difference |= memory.get(LONG, offset + LAST_WORD - position) ^ check ^ LAST_WORD;
        }
    }

    private void begin(MemorySegment memory, long offset, int lengthBytes, int wantedRun) {
        ours = lengthBytes >= FIELDS_END && memory.get(INT, offset + RUN_OFFSET) == wantedRun && isTcp(memory, offset);
        if (ours) {
            run = wantedRun;
            flow = memory.get(INT, offset + FLOW_OFFSET);
            sequence = memory.get(LONG, offset + SEQUENCE_OFFSET);
            intendedNanos = memory.get(LONG, offset + INTENDED_OFFSET);
            check = TestFrame.check(LENGTH_BYTES, run, flow, sequence, intendedNanos);
            difference = 0;
            next = STRIDE;
        }
    }

    private static boolean isTcp(MemorySegment memory, long offset) {
        return memory.get(INT, offset + ADDRESSES_LENGTH) == HEADERS.get(INT, 0);
    }

    /** What the pieces together were; a segment that was cut from such a frame is foreign. */
    TestFrame.Finding finding(int frameLengthBytes) {
        if (!ours || frameLengthBytes <= HEADERS_LENGTH + SEGMENT_BYTES) {
            return TestFrame.Finding.FOREIGN;
        }
        return frameLengthBytes == LENGTH_BYTES && difference == 0
                ? TestFrame.Finding.INTACT
                : TestFrame.Finding.CORRUPT;
    }

    int flow() {
        return flow;
    }

    long sequence() {
        return sequence;
    }

    long intendedNanos() {
        return intendedNanos;
    }
}

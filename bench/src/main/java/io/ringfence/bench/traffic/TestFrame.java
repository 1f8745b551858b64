package io.ringfence.bench.traffic;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The Ethernet frame that stations exchange: run, flow, sequence number, intended departure time and a check value, which
 * also fills the rest of the frame, so that no byte can change unnoticed.
 */
final class TestFrame {
    /** The shortest Ethernet frame, without its frame check sequence. */
    static final int MIN_LENGTH_BYTES = 60;
    /** The longest that an MTU of 1500 allows with a VLAN tag, without its frame check sequence. */
    static final int MAX_LENGTH_BYTES = 1518;

    /** What {@link #examine} found. */
    enum Finding {
        /** Exactly what was sent. */
        INTACT,
        /** One of ours, but something in it has changed. */
        CORRUPT,
        /** Not one of ours, or of an earlier run. */
        FOREIGN
    }

    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** "Local experimental EtherType 1" (IEEE 802), 0x88b5, as it lies in memory. */
    private static final short ETHERTYPE = (short) 0xb588;

    /** Reverse ARP, 0x8035, as it lies in memory. */
    private static final short ETHERTYPE_RARP = 0x3580;

    private static final long BROADCAST = 0xffff_ffff_ffffL;
    private static final int SOURCE_OFFSET = 6;
    private static final int ETHERTYPE_OFFSET = 12;
    private static final int LENGTH_OFFSET = 14;
    private static final int RUN_OFFSET = 16;
    private static final int FLOW_OFFSET = 20;
    private static final int SEQUENCE_OFFSET = 24;
    private static final int INTENDED_OFFSET = 32;
    private static final int CHECK_OFFSET = 40;

    private TestFrame() {}

    /** Refuses lengths that no such frame can have. */
    static int requireLength(int lengthBytes) {
        if (lengthBytes < MIN_LENGTH_BYTES || lengthBytes > MAX_LENGTH_BYTES) {
            throw new IllegalArgumentException(
                    "frames of %d bytes: expected %d to %d".formatted(lengthBytes, MIN_LENGTH_BYTES, MAX_LENGTH_BYTES));
        }
        return lengthBytes;
    }

    /** Writes everything but the addresses. */
    static void write(
            MemorySegment memory, long offset, int lengthBytes, int run, int flow, long sequence, long intendedNanos) {
        long check = check(lengthBytes, run, flow, sequence, intendedNanos);
        memory.set(SHORT, offset + ETHERTYPE_OFFSET, ETHERTYPE);
        memory.set(SHORT, offset + LENGTH_OFFSET, (short) lengthBytes);
        memory.set(INT, offset + RUN_OFFSET, run);
        memory.set(INT, offset + FLOW_OFFSET, flow);
        memory.set(LONG, offset + SEQUENCE_OFFSET, sequence);
        memory.set(LONG, offset + INTENDED_OFFSET, intendedNanos);
        long last = offset + lengthBytes - Long.BYTES;
        for (long word = offset + CHECK_OFFSET; word < last; word += Long.BYTES) {
            memory.set(LONG, word, check);
        }
        memory.set(LONG, last, check);
    }

    /**
     * Writes the addresses.
     *
     * @param destination bits as in {@link #wireOrder}
     */
    static void address(MemorySegment memory, long offset, long destination, long source) {
        memory.set(LONG, offset, destination | source << 48);
        memory.set(INT, offset + SOURCE_OFFSET + Short.BYTES, (int) (source >>> 16));
    }

    /**
     * Writes a frame to everybody that tells switches where an address is, as hosts send when their link comes up; foreign to
     * {@link #examine}.
     */
    static void announce(MemorySegment memory, long offset, int lengthBytes, long source) {
        memory.asSlice(offset, lengthBytes).fill((byte) 0);
        address(memory, offset, BROADCAST, source);
        memory.set(SHORT, offset + ETHERTYPE_OFFSET, ETHERTYPE_RARP);
    }

    /** An address with its first octet in the lowest byte, from one with its first octet in the highest of 48 bits. */
    static long wireOrder(long bits) {
        return Long.reverseBytes(bits) >>> 16;
    }

    /** Looks at every byte but the addresses. */
    static Finding examine(MemorySegment memory, long offset, int lengthBytes, int run) {
        if (lengthBytes < MIN_LENGTH_BYTES
                || memory.get(SHORT, offset + ETHERTYPE_OFFSET) != ETHERTYPE
                || memory.get(INT, offset + RUN_OFFSET) != run) {
            return Finding.FOREIGN;
        }
        long check =
                check(lengthBytes, run, flow(memory, offset), sequence(memory, offset), intendedNanos(memory, offset));
        long last = offset + lengthBytes - Long.BYTES;
        long difference = (memory.get(LONG, last) ^ check) | (memory.get(SHORT, offset + LENGTH_OFFSET) ^ lengthBytes);
        long word = offset + CHECK_OFFSET;
        for (; word + Long.BYTES <= last; word += Long.BYTES) {
            difference |= memory.get(LONG, word) ^ check;
        }
        if (word < last) {
            // The last word overlaps this one; its first bytes are its own.
            long own = (1L << (Byte.SIZE * (last - word))) - 1;
            difference |= (memory.get(LONG, word) ^ check) & own;
        }
        return difference == 0 ? Finding.INTACT : Finding.CORRUPT;
    }

    static int flow(MemorySegment memory, long offset) {
        return memory.get(INT, offset + FLOW_OFFSET);
    }

    static long sequence(MemorySegment memory, long offset) {
        return memory.get(LONG, offset + SEQUENCE_OFFSET);
    }

    static long intendedNanos(MemorySegment memory, long offset) {
        return memory.get(LONG, offset + INTENDED_OFFSET);
    }

    /** A value that any change of its parts changes (the finalizer of MurmurHash3). */
    static long check(int lengthBytes, int run, int flow, long sequence, long intendedNanos) {
        long mixed = mix(sequence + ((long) run << 32 | lengthBytes));
        return mix(mixed ^ intendedNanos ^ (long) flow << 32);
    }

    private static long mix(long value) {
        long mixed = (value ^ value >>> 33) * 0xff51afd7ed558ccdL;
        mixed = (mixed ^ mixed >>> 33) * 0xc4ceb9fe1a85ec53L;
        return mixed ^ mixed >>> 33;
    }
}

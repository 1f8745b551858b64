package io.ringfence.dataplane.offload;

import io.ringfence.vhostuser.virtqueue.ChainReader;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The Internet checksum (RFC 1071): sums of 16-bit words in ones' complement.
 *
 * <p>Words are little-endian here, as the machine has them: the sum does not depend on the byte order (section 2 B of the
 * RFC), if it is written in the same order. Partial sums are unfolded longs; they may be added, up to some billions of bytes.
 */
public final class Checksum {
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
    private static final long HALF = 0xffff_ffffL;

    private Checksum() {}

    /** Sums these bytes; an odd last one counts as the first of a word. */
    public static long sum(MemorySegment memory, long offset, int lengthBytes) {
        long even = 0;
        long odd = 0;
        int wide = lengthBytes & ~15;
        for (int i = 0; i < wide; i += 16) {
            long one = memory.get(LONG, offset + i);
            long two = memory.get(LONG, offset + i + 8);
            even += (one & HALF) + (two & HALF);
            odd += (one >>> 32) + (two >>> 32);
        }
        return even + odd + sumRest(memory, offset + wide, lengthBytes - wide);
    }

    private static long sumRest(MemorySegment memory, long offset, int lengthBytes) {
        long sum = 0;
        int i = 0;
        while (i + 4 <= lengthBytes) {
            sum += memory.get(INT, offset + i) & HALF;
            i += 4;
        }
        if (i + 2 <= lengthBytes) {
            sum += memory.get(SHORT, offset + i) & 0xffff;
            i += 2;
        }
        return i < lengthBytes ? sum + (memory.get(BYTE, offset + i) & 0xff) : sum;
    }

    /** The sum in 16 bits. */
    public static int fold(long sum) {
        long folded = (sum & HALF) + (sum >>> 32);
        folded = (folded & 0xffff) + (folded >>> 16);
        folded = (folded & 0xffff) + (folded >>> 16);
        return (int) ((folded & 0xffff) + (folded >>> 16));
    }

    /** Sums the next bytes of a chain, of which the first counts as the first of a word, and goes on behind them. */
    public static long sum(ChainReader bytes, int lengthBytes) {
        long sum = 0;
        int left = lengthBytes;
        while (left > 0) {
            int step = bytes.together(left);
            long part = sum(bytes.segment(), bytes.position(), step);
            sum += ((lengthBytes - left) & 1) == 0 ? part : shifted(part);
            bytes.advance(step);
            left -= step;
        }
        return sum;
    }

    /** The sum of the same bytes, had they begun at the second byte of a word. */
    public static long shifted(long sum) {
        return Short.reverseBytes((short) fold(sum)) & 0xffff;
    }

    /** The sum of a 16-bit number that is sent in network order. */
    public static long ofShort(int number) {
        return Short.reverseBytes((short) number) & 0xffff;
    }

    /** Writes the complement of a sum where the checksum belongs. */
    public static void store(MemorySegment memory, long offset, long sum) {
        memory.set(SHORT, offset, (short) ~fold(sum));
    }

    /**
     * The same for TCP and UDP, where 0 is sent as 0xffff: in ones' complement they are equal, and in UDP 0 means that there is
     * no checksum (RFC 768). Without a branch: one sum in 65,535 is the first to take it, and compiled code would be thrown away.
     */
    public static void storeTransport(MemorySegment memory, long offset, long sum) {
        memory.set(SHORT, offset, (short) ~(fold(sum) % 0xffff));
    }

    /** Writes a sum that is not complete yet: that of the pseudo header, for whoever completes it. */
    public static void storePartial(MemorySegment memory, long offset, long sum) {
        memory.set(SHORT, offset, (short) fold(sum));
    }
}

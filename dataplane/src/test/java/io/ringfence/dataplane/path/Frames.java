package io.ringfence.dataplane.path;

import java.util.Random;

/** Ethernet frames of tests. */
final class Frames {
    static final long BROADCAST = 0xffff_ffff_ffffL;

    private Frames() {}

    /** Address of a member, first byte lowest: 02:00:00:00:00:n. */
    static long address(int n) {
        return 0x02L | (long) n << 40;
    }

    /** A frame whose payload is random, and therefore unlike any other. */
    static byte[] frame(long destination, long source, int length, Random random) {
        byte[] frame = new byte[length];
        random.nextBytes(frame);
        put(frame, 0, destination);
        put(frame, 6, source);
        return frame;
    }

    /** The same with a payload made from the length. */
    static byte[] frame(long destination, long source, int length) {
        return frame(destination, source, length, new Random(length));
    }

    private static void put(byte[] frame, int at, long address) {
        for (int i = 0; i < 6; i++) {
            frame[at + i] = (byte) (address >>> (8 * i));
        }
    }
}

package io.ringfence.vhostuser.backend;

import java.util.BitSet;

/** Feature masks in words. */
final class Bits {
    private Bits() {}

    /** The set bits by number, as in "feature bits 26, 34". */
    static String describe(long mask, String what) {
        String numbers = BitSet.valueOf(new long[] {mask}).toString();
        return what + (Long.bitCount(mask) == 1 ? " bit " : " bits ") + numbers.substring(1, numbers.length() - 1);
    }
}

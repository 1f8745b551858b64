package io.ringfence.config;

import java.util.HexFormat;

/**
 * An Ethernet address.
 *
 * @param bits the 48 bits, the first octet on the wire being the most significant
 */
public record MacAddress(long bits) {
    private static final HexFormat OCTETS = HexFormat.ofDelimiter(":");

    public MacAddress {
        if (bits >>> 48 != 0) {
            throw new IllegalArgumentException("more than 48 bits: bits=" + Long.toHexString(bits));
        }
    }

    /**
     * Returns the address written as six octets, such as {@code 52:54:00:00:00:01}.
     *
     * @throws IllegalArgumentException if {@code text} is anything else
     */
    public static MacAddress parse(String text) {
        byte[] octets = OCTETS.parseHex(text);
        if (octets.length != 6) {
            throw new IllegalArgumentException("not six octets: text=" + text);
        }
        long bits = 0;
        for (byte octet : octets) {
            bits = bits << 8 | Byte.toUnsignedLong(octet);
        }
        return new MacAddress(bits);
    }

    /** Returns the six octets in lower case, separated by colons. */
    @Override
    public String toString() {
        return HexFormat.of().toHexDigits(bits, 12).replaceAll("(..)(?!$)", "$1:");
    }
}

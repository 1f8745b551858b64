package io.ringfence.dataplane.offload;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Where the headers of a TCP or UDP packet lie in a frame, as far as cutting it needs them.
 *
 * <p>Reads a private copy only, and nothing beyond its length. Reused; owned by one worker.
 */
final class Headers {
    static final int TCP = 6;
    static final int UDP = 17;
    /** Kinds of packets. */
    static final int TCP_OVER_IPV4 = 0;

    static final int TCP_OVER_IPV6 = 1;
    static final int UDP_OVER_IPV4 = 2;
    static final int UDP_OVER_IPV6 = 3;
    static final int KINDS = 4;
    static final int UDP_LENGTH = 8;
    static final int IPV6_LENGTH = 40;

    private static final ValueLayout.OfShort NETWORK_SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final int ETHERNET_LENGTH = 14;
    private static final int TAG_LENGTH = 4;
    private static final int MAX_TAGS = 2;
    private static final int TYPE_IPV4 = 0x0800;
    private static final int TYPE_IPV6 = 0x86dd;
    private static final int TYPE_TAG = 0x8100;
    private static final int TYPE_SERVICE_TAG = 0x88a8;
    private static final int IPV4_MIN_LENGTH = 20;
    private static final int IPV4_FRAGMENT_MASK = 0x3fff; // more fragments, or not the first
    private static final int TCP_MIN_LENGTH = 20;
    private static final int HOP_BY_HOP = 0;
    private static final int DESTINATION_OPTIONS = 60;

    private boolean ipv6;
    private int network;
    private int transport;
    private int protocol;
    private int payload;

    /**
     * Finds them.
     *
     * @param head the first bytes of the frame
     * @return false if this is no whole TCP or UDP packet over IP, a fragment, or its headers are longer than the bytes
     *     that are there
     */
    boolean find(MemorySegment head, int headLength) {
        int type = ETHERNET_LENGTH - 2;
        for (int tags = 0; tags < MAX_TAGS && isTag(head, type, headLength); tags++) {
            type += TAG_LENGTH;
        }
        network = type + 2;
        if (headLength < network + IPV4_MIN_LENGTH) {
            return false;
        }
        int found = number(head, type);
        ipv6 = found == TYPE_IPV6;
        boolean known = ipv6 ? findAfterIpv6(head, headLength) : found == TYPE_IPV4 && findAfterIpv4(head);
        return known && findPayload(head, headLength);
    }

    private static boolean isTag(MemorySegment head, int type, int headLength) {
        if (headLength < type + 2) {
            return false;
        }
        int found = number(head, type);
        return found == TYPE_TAG || found == TYPE_SERVICE_TAG;
    }

    private boolean findAfterIpv4(MemorySegment head) {
        int versionAndLength = octet(head, network);
        int length = (versionAndLength & 0xf) * 4;
        transport = network + length;
        protocol = octet(head, network + 9);
        return versionAndLength >>> 4 == 4
                && length >= IPV4_MIN_LENGTH
                && (number(head, network + 6) & IPV4_FRAGMENT_MASK) == 0;
    }

    /**
     * Options are stepped over. A routing header is none: the checksum is that of the last destination, which is not in the
     * fixed header then (RFC 8200, section 8.1).
     */
    private boolean findAfterIpv6(MemorySegment head, int headLength) {
        if (headLength < network + IPV6_LENGTH || octet(head, network) >>> 4 != 6) {
            return false;
        }
        int next = octet(head, network + 6);
        int at = network + IPV6_LENGTH;
        while (next == HOP_BY_HOP || next == DESTINATION_OPTIONS) {
            if (headLength < at + 8) {
                return false;
            }
            next = octet(head, at);
            at += 8 + 8 * octet(head, at + 1);
        }
        transport = at;
        protocol = next;
        return true;
    }

    private boolean findPayload(MemorySegment head, int headLength) {
        if (protocol == UDP) {
            payload = transport + UDP_LENGTH;
            return headLength >= payload;
        }
        if (protocol != TCP || headLength < transport + TCP_MIN_LENGTH) {
            return false;
        }
        int length = (octet(head, transport + 12) >>> 4) * 4;
        payload = transport + length;
        return length >= TCP_MIN_LENGTH && headLength >= payload;
    }

    private static int octet(MemorySegment head, long at) {
        return head.get(ValueLayout.JAVA_BYTE, at) & 0xff;
    }

    private static int number(MemorySegment head, long at) {
        return head.get(NETWORK_SHORT, at) & 0xffff;
    }

    /** Whether it is IPv6, else IPv4. */
    boolean ipv6() {
        return ipv6;
    }

    /** Where the IP header starts. */
    int network() {
        return network;
    }

    /** Where the TCP or UDP header starts. */
    int transport() {
        return transport;
    }

    /** {@link #TCP} or {@link #UDP}. */
    int protocol() {
        return protocol;
    }

    /** {@link #TCP_OVER_IPV4} and so on. */
    int kind() {
        return (protocol == TCP ? TCP_OVER_IPV4 : UDP_OVER_IPV4) | (ipv6 ? 1 : 0);
    }

    /** Where the payload starts: the length of all headers together. */
    int payload() {
        return payload;
    }
}

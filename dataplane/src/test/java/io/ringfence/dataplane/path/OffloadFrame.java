package io.ringfence.dataplane.path;

import static io.ringfence.dataplane.path.Frames.address;

import io.ringfence.dataplane.offload.Offloads;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * A TCP or UDP packet whose checksum covers the pseudo header only, and what becomes of it by the book: byte by byte, without
 * a thought of speed (RFC 1071, 768, 9293, 791, 8200).
 *
 * @param bytes the Ethernet frame
 * @param network where the IP header starts
 * @param transport where the TCP or UDP header starts
 * @param payload where the payload starts
 * @param segmentLength payload of each packet that it is to be cut into; 0 if it is not
 * @param ecn whether it is to be cut so that the first packet alone has CWR
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record OffloadFrame(
        byte[] bytes,
        boolean ipv6,
        boolean tcp,
        int network,
        int transport,
        int payload,
        int segmentLength,
        boolean ecn) {

    /** A frame of member 0 for this destination, with random tags, options, flags and payload. */
    static OffloadFrame random(Random random, long destination, boolean ipv6, boolean tcp, int payload, int segment) {
        int network = 14 + 4 * random.nextInt(3);
        int options = ipv6 ? 8 * random.nextInt(3) : 4 * random.nextInt(11);
        int transport = network + (ipv6 ? 40 : 20) + options;
        int start = transport + (tcp ? 20 + 4 * random.nextInt(11) : 8);
        byte[] bytes = Frames.frame(destination, address(0), start + payload, random);
        for (int tag = 12; tag < network - 2; tag += 4) {
            put(bytes, tag, tag == 12 && network == 22 ? 0x88a8 : 0x8100);
        }
        put(bytes, network - 2, ipv6 ? 0x86dd : 0x0800);
        if (ipv6) {
            bytes[network] = (byte) (0x60 | random.nextInt(16));
            put(bytes, network + 4, bytes.length - network - 40);
            int next = network + 6;
            for (int at = network + 40; at < transport; at += 8) {
                bytes[next] = (byte) (at == network + 40 ? 0 : 60);
                bytes[at + 1] = 0;
                next = at;
            }
            bytes[next] = (byte) (tcp ? 6 : 17);
        } else {
            bytes[network] = (byte) (0x40 | ((20 + options) / 4));
            put(bytes, network + 2, bytes.length - network);
            put(bytes, network + 6, random.nextBoolean() ? 0x4000 : 0);
            bytes[network + 9] = (byte) (tcp ? 6 : 17);
            put(bytes, network + 10, 0);
            put(bytes, network + 10, ~sum(bytes, network, transport) & 0xffff);
        }
        if (tcp) {
            bytes[transport + 12] = (byte) ((start - transport) << 2);
        } else {
            put(bytes, transport + 4, bytes.length - transport);
        }
        boolean ecn = tcp && segment > 0 && random.nextInt(4) == 0;
        var frame = new OffloadFrame(bytes, ipv6, tcp, network, transport, start, segment, ecn);
        put(bytes, frame.checksumAt(), frame.pseudoHeader(bytes));
        return frame;
    }

    private int checksumAt() {
        return transport + (tcp ? 16 : 6);
    }

    private int pseudoHeader(byte[] packet) {
        byte[] pseudo = new byte[36];
        int addresses = network + (ipv6 ? 8 : 12);
        System.arraycopy(packet, addresses, pseudo, 0, ipv6 ? 32 : 8);
        put(pseudo, 32, packet.length - transport);
        pseudo[35] = (byte) (tcp ? 6 : 17);
        return sum(pseudo, 0, pseudo.length);
    }

    /** What a receiver must take to get it as it is. */
    int needs() {
        if (segments() == 1) {
            return Offloads.CHECKSUM;
        }
        int segmentation = tcp ? ipv6 ? Offloads.TSO6 : Offloads.TSO4 : ipv6 ? Offloads.USO6 : Offloads.USO4;
        return Offloads.CHECKSUM | segmentation | (ecn ? Offloads.ECN : 0);
    }

    int segments() {
        return segmentLength == 0 ? 1 : Math.ceilDiv(bytes.length - payload, segmentLength);
    }

    /** The virtio-net header that a driver would send it with, or that a receiver is to get. */
    byte[] header() {
        boolean cut = segments() > 1;
        int type = !cut ? 0 : (tcp ? ipv6 ? 4 : 1 : 5) | (ecn ? 0x80 : 0);
        return checksumHeader((byte) type, cut ? payload : 0, cut ? segmentLength : 0);
    }

    /** That of a packet of which only the checksum is left. */
    byte[] checksumHeader() {
        return checksumHeader((byte) 0, 0, 0);
    }

    private byte[] checksumHeader(byte type, int headerLength, int gsoSize) {
        return ByteBuffer.allocate(10)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put((byte) 1)
                .put(type)
                .putShort((short) headerLength)
                .putShort((short) gsoSize)
                .putShort((short) transport)
                .putShort((short) (tcp ? 16 : 6))
                .array();
    }

    /** With its checksum. */
    byte[] completed() {
        byte[] packet = bytes.clone();
        complete(packet);
        return packet;
    }

    private void complete(byte[] packet) {
        int checksum = ~sum(packet, transport, packet.length) & 0xffff;
        put(packet, checksumAt(), checksum == 0 ? 0xffff : checksum);
    }

    /** The packets that it stands for. */
    List<byte[]> cut(boolean withChecksums) {
        List<byte[]> packets = new ArrayList<>();
        for (int i = 0, at = payload; at < bytes.length; i++, at += segmentLength) {
            int length = Math.min(segmentLength, bytes.length - at);
            byte[] packet = Arrays.copyOf(bytes, payload + length);
            System.arraycopy(bytes, at, packet, payload, length);
            if (ipv6) {
                put(packet, network + 4, packet.length - network - 40);
            } else {
                put(packet, network + 2, packet.length - network);
                put(packet, network + 4, get(bytes, network + 4) + i);
                put(packet, network + 10, 0);
                put(packet, network + 10, ~sum(packet, network, transport) & 0xffff);
            }
            if (tcp) {
                ByteBuffer fields = ByteBuffer.wrap(packet);
                fields.putInt(transport + 4, fields.getInt(transport + 4) + at - payload);
                boolean last = at + length == bytes.length;
                packet[transport + 13] &= (byte) ((last ? 0xff : ~0x09) & (i == 0 ? 0xff : ~0x80));
            } else {
                put(packet, transport + 4, packet.length - transport);
            }
            put(packet, checksumAt(), pseudoHeader(packet));
            if (withChecksums) {
                complete(packet);
            }
            packets.add(packet);
        }
        return packets;
    }

    /** Bytes of all packets that it stands for. */
    int packetBytes() {
        return bytes.length + (segments() - 1) * payload;
    }

    /** Ones' complement sum; an odd last byte is the first of a word. */
    static int sum(byte[] bytes, int from, int to) {
        int sum = 0;
        for (int i = from; i < to; i += 2) {
            sum += (bytes[i] & 0xff) << 8 | (i + 1 < to ? bytes[i + 1] & 0xff : 0);
            sum = (sum & 0xffff) + (sum >>> 16);
        }
        return sum;
    }

    private static int get(byte[] bytes, int at) {
        return ((bytes[at] & 0xff) << 8) | (bytes[at + 1] & 0xff);
    }

    private static void put(byte[] bytes, int at, int value) {
        bytes[at] = (byte) (value >>> 8);
        bytes[at + 1] = (byte) value;
    }
}

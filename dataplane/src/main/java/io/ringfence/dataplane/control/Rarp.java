package io.ringfence.dataplane.control;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/** The frame that tells a network where a guest is now (RFC 903, "request reverse"), as QEMU sends it after migration. */
final class Rarp {
    private static final int LENGTH = 60;
    private static final short ETHERTYPE = (short) 0x8035;
    private static final short HARDWARE_ETHERNET = 1;
    private static final short PROTOCOL_IPV4 = 0x0800;
    private static final short REQUEST_REVERSE = 3;

    private Rarp() {}

    /** The frame that announces this 6-byte address to all. */
    static MemorySegment announcement(byte[] macAddress) {
        ByteBuffer frame = ByteBuffer.allocate(LENGTH);
        frame.putInt(-1).putShort((short) -1).put(macAddress).putShort(ETHERTYPE);
        frame.putShort(HARDWARE_ETHERNET).putShort(PROTOCOL_IPV4).put((byte) 6).put((byte) 4);
        frame.putShort(REQUEST_REVERSE)
                .put(macAddress)
                .putInt(0)
                .put(macAddress)
                .putInt(0);
        MemorySegment memory = Arena.ofAuto().allocate(LENGTH);
        memory.asByteBuffer().put(frame.array());
        return memory;
    }
}

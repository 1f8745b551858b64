package io.ringfence.vhostuser.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/**
 * What sendmsg(2) and recvmsg(2) are given: a struct msghdr of 64-bit Linux, with one buffer for the bytes and one control
 * message for file descriptors (unix(7), SCM_RIGHTS).
 *
 * <p>Lies in the caller's arena, and is good for one call.
 */
final class SocketMessage {
    private static final int MSG_CTRUNC = 8;
    private static final int SOL_SOCKET = 1;
    private static final int SCM_RIGHTS = 1;

    // struct msghdr, struct iovec and struct cmsghdr of 64-bit Linux.
    private static final int MESSAGE_LENGTH = 56;
    private static final int MESSAGE_IOV_OFFSET = 16;
    private static final int MESSAGE_IOV_COUNT_OFFSET = 24;
    private static final int MESSAGE_CONTROL_OFFSET = 32;
    private static final int MESSAGE_CONTROL_LENGTH_OFFSET = 40;
    private static final int MESSAGE_FLAGS_OFFSET = 48;
    private static final int IOV_LENGTH = 16;
    private static final int CONTROL_HEADER_LENGTH = 16;
    private static final int CONTROL_LEVEL_OFFSET = 8;
    private static final int CONTROL_TYPE_OFFSET = 12;

    private final MemorySegment message;
    private final MemorySegment control;

    private SocketMessage(Arena arena, ByteBuffer bytes, MemorySegment control, int controlLength) {
        if (!bytes.isDirect()) {
            throw new IllegalArgumentException("expected a direct buffer, found " + bytes);
        }
        this.control = control;
        MemorySegment iov = arena.allocate(IOV_LENGTH, 8);
        iov.set(JAVA_LONG, 0, MemorySegment.ofBuffer(bytes).address());
        iov.set(JAVA_LONG, 8, bytes.remaining());
        message = arena.allocate(MESSAGE_LENGTH, 8);
        message.set(JAVA_LONG, MESSAGE_IOV_OFFSET, iov.address());
        message.set(JAVA_LONG, MESSAGE_IOV_COUNT_OFFSET, 1);
        message.set(JAVA_LONG, MESSAGE_CONTROL_OFFSET, control.address());
        message.set(JAVA_LONG, MESSAGE_CONTROL_LENGTH_OFFSET, controlLength);
    }

    /** Room for the buffer's remaining bytes, and for as many descriptors as can come. */
    static SocketMessage toReceive(Arena arena, ByteBuffer into) {
        // Not fewer: the kernel closes what does not fit, and this thread would wait for that.
        int controlLength = CONTROL_HEADER_LENGTH + Integer.BYTES * UnixSocket.MAX_DESCRIPTORS;
        return new SocketMessage(arena, into, arena.allocate(controlLength, 8), controlLength);
    }

    /** The buffer's remaining bytes, with these descriptors. */
    static SocketMessage toSend(Arena arena, ByteBuffer from, int... descriptors) {
        if (descriptors.length == 0) {
            return new SocketMessage(arena, from, MemorySegment.NULL, 0);
        }
        int dataLength = CONTROL_HEADER_LENGTH + Integer.BYTES * descriptors.length;
        int controlLength = (dataLength + 7) & -8;
        MemorySegment control = arena.allocate(controlLength, 8);
        control.set(JAVA_LONG, 0, dataLength);
        control.set(JAVA_INT, CONTROL_LEVEL_OFFSET, SOL_SOCKET);
        control.set(JAVA_INT, CONTROL_TYPE_OFFSET, SCM_RIGHTS);
        for (int i = 0; i < descriptors.length; i++) {
            control.set(JAVA_INT, CONTROL_HEADER_LENGTH + (long) Integer.BYTES * i, descriptors[i]);
        }
        return new SocketMessage(arena, from, control, controlLength);
    }

    /** Where the struct msghdr lies. */
    long address() {
        return message.address();
    }

    /** Hands out the descriptors that were received. */
    void takeDescriptors(FileDescriptors into) {
        long controlLength = message.get(JAVA_LONG, MESSAGE_CONTROL_LENGTH_OFFSET);
        // Only SCM_RIGHTS can come, as one block: nothing else was asked for with setsockopt.
        if (controlLength < CONTROL_HEADER_LENGTH
                || control.get(JAVA_INT, CONTROL_LEVEL_OFFSET) != SOL_SOCKET
                || control.get(JAVA_INT, CONTROL_TYPE_OFFSET) != SCM_RIGHTS) {
            return;
        }
        long end = Math.min(control.get(JAVA_LONG, 0), controlLength);
        for (long offset = CONTROL_HEADER_LENGTH; offset + Integer.BYTES <= end; offset += Integer.BYTES) {
            into.add(control.get(JAVA_INT, offset));
        }
    }

    /** Whether more descriptors were sent than could be received. */
    boolean lostDescriptors() {
        return (message.get(JAVA_INT, MESSAGE_FLAGS_OFFSET) & MSG_CTRUNC) != 0;
    }
}

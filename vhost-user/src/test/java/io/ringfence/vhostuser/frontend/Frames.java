package io.ringfence.vhostuser.frontend;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/** Frames as byte arrays, on their way into and out of the queues of a guest. */
final class Frames {
    private Frames() {}

    /** A frame whose bytes all depend on its number. */
    static byte[] numbered(int number, int lengthBytes) {
        byte[] frame = new byte[lengthBytes];
        for (int i = 0; i < lengthBytes; i++) {
            frame[i] = (byte) (number * 31 + i);
        }
        return frame;
    }

    /** Commits a frame; false if the queue is full. */
    static boolean offer(TransmitQueue queue, SharedMemory memory, byte[] frame) {
        long offset = queue.claim(frame.length);
        if (offset < 0) {
            return false;
        }
        MemorySegment.copy(frame, 0, memory.segment(), ValueLayout.JAVA_BYTE, offset, frame.length);
        queue.commit();
        return true;
    }

    /** Receives what is there. */
    static List<byte[]> poll(ReceiveQueue queue, int limit) {
        List<byte[]> frames = new ArrayList<>();
        queue.poll(
                (memory, offset, length) ->
                        frames.add(memory.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE)),
                limit);
        return frames;
    }
}

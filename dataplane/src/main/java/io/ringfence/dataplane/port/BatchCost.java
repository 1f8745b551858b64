package io.ringfence.dataplane.port;

import io.ringfence.dataplane.delivery.Delivery;
import io.ringfence.dataplane.delivery.Frame;

/**
 * What a batch has come to so far, over all queues and receivers, and when that is enough: the worker looks at its budget after
 * each batch, so this is how far it can overdraw it, whatever guests make of their frames and buffers.
 *
 * <p>Owned by the sender's worker.
 */
final class BatchCost {
    /** The most frames of a batch. */
    static final int FRAMES = Math.clamp(Integer.getInteger("ringfence.visits.batch.frames", 64), 1, 64);

    /** Descriptors read, the sender's once for each copy and those of receivers whose buffers are not plain: some 10 us of work. */
    private static final int DESCRIPTORS = 256;
    /** Packets made, which flooding and cutting multiply. */
    private static final int COPIES = 128;
    /** Bytes copied: as many as full Ethernet frames come to. */
    private static final int COPIED_BYTES = 128 * 1514;

    private int frames;
    private int descriptors;
    private int copies;
    private long copiedBytes;

    /** Begins a batch. */
    void begin() {
        frames = 0;
        descriptors = 0;
        copies = 0;
        copiedBytes = 0;
    }

    /** Whether the batch ends with what it has. At most one frame for one receiver comes to more. */
    boolean isEnough() {
        return frames >= FRAMES || descriptors >= DESCRIPTORS || copies >= COPIES || copiedBytes >= COPIED_BYTES;
    }

    /** Frames of all queues that were done with before this one. */
    int frames() {
        return frames;
    }

    /** Bytes that may still be copied. */
    long bytesLeft() {
        return COPIED_BYTES - copiedBytes;
    }

    /** A queue is done with, from which so many frames were taken. */
    void taken(int framesOfQueue) {
        frames += framesOfQueue;
    }

    /** A frame was looked at. */
    void read(int descriptorsOfFrame) {
        descriptors += descriptorsOfFrame;
    }

    /** So many plain frames went the way of most. */
    void delivered(int plainFrames, long lengthBytes) {
        descriptors += plainFrames;
        copies += plainFrames;
        copiedBytes += lengthBytes;
    }

    /** A frame was brought to one receiver, or was to be. */
    void delivered(Frame frame, Delivery by) {
        descriptors += by.descriptors();
        copies += Math.max(1, by.packets());
        copiedBytes += frame.lengthBytes();
    }
}

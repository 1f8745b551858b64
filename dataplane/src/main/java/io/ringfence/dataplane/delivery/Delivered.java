package io.ringfence.dataplane.delivery;

/** Outcomes of an attempt to deliver a frame; constants, not an enum, to keep the packet path free of loads. */
public final class Delivered {
    /** The frame is in the receiver's queue, or in the handoff to it. */
    public static final int DONE = 0;
    /** The receiver has no buffers now. */
    public static final int NO_BUFFERS = 1;
    /** It would take more descriptors than the caller may spend on one frame. */
    public static final int TOO_DEAR = 2;
    /** The receiver's buffers can never hold the frame. */
    public static final int NO_ROOM = 3;
    /** The receiver has no enabled receive queue. */
    public static final int ABSENT = 4;
    /** The handoff to the receiver is full. */
    public static final int FULL = 5;

    private Delivered() {}
}

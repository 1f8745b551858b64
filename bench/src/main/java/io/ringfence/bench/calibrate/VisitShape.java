package io.ringfence.bench.calibrate;

import io.ringfence.vhostuser.frontend.QueueOptions;

/**
 * One kind of visit: what it does, how many frames it finds, and what they are like.
 *
 * @param work what the worker does with the frames
 * @param frames in the visit, no more than one batch
 * @param lengthBytes of each frame
 * @param layout of the buffers: the sender's if the work is the sender's, else the receiver's
 */
record VisitShape(Work work, int frames, int lengthBytes, Layout layout) {
    /** What a worker does with frames. */
    enum Work {
        /** The sender's worker puts them straight into the receiver's queue. */
        DELIVER,
        /** The sender's worker leaves them to the receiver's worker, because the receive queue is claimed. */
        HAND_OFF,
        /** The receiver's worker takes in what was handed off. */
        DRAIN
    }

    /**
     * How a frame's buffer is described.
     *
     * @param descriptors of each buffer
     * @param indirect whether they are in a table of their own
     */
    record Layout(int descriptors, boolean indirect) {
        private static final int QUEUE_SIZE = 256;

        static final Layout PLAIN = new Layout(1, false);

        static Layout chain(int descriptors) {
            return new Layout(descriptors, false);
        }

        static Layout indirect(int descriptors) {
            return new Layout(descriptors, true);
        }

        QueueOptions options() {
            QueueOptions plain = QueueOptions.ofSize(QUEUE_SIZE);
            return indirect ? plain.withIndirectTables(descriptors) : plain.withChains(descriptors);
        }
    }

    /** Whether it is the sender's worker that pays. */
    boolean transmits() {
        return work != Work.DRAIN;
    }

    /** How many of its frames stand in more than one descriptor. */
    int chains() {
        return layout.descriptors() > 1 ? frames : 0;
    }

    /** Descriptors of all its frames. */
    int descriptors() {
        return frames * layout.descriptors();
    }

    /** Bytes of all its frames. */
    int bytes() {
        return frames * lengthBytes;
    }

    @Override
    public String toString() {
        return "%s of %d frames of %d bytes, %d descriptor%s each"
                .formatted(
                        switch (work) {
                            case DELIVER -> "delivery";
                            case HAND_OFF -> "handing off";
                            case DRAIN -> "taking in";
                        },
                        frames,
                        lengthBytes,
                        layout.descriptors(),
                        layout.descriptors() == 1 ? "" : layout.indirect() ? "s (indirect)" : "s");
    }
}

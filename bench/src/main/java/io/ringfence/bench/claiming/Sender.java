package io.ringfence.bench.claiming;

import io.ringfence.vhostuser.virtqueue.Virtqueue;

/** Brings one VM's frames into a receive queue that others fill too. Owned by one thread. */
interface Sender {
    /** Most frames of a batch. */
    int BATCH = 64;

    /**
     * Takes a batch of frames from its guest's queue and brings them on their way; what cannot be brought stays there.
     *
     * @return how many frames were taken
     */
    int send(Virtqueue transmit);

    /** Tries that others were in the way of. */
    long missed();

    /** Frames that were left to another, be it to copy or only to show. */
    long leftToOthers();

    /** Brings on what was left to somebody who may not come. */
    void settle();
}

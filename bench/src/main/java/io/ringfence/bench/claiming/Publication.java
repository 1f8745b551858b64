package io.ringfence.bench.claiming;

import io.ringfence.vhostuser.virtqueue.BufferBatch;
import io.ringfence.vhostuser.virtqueue.SplitVirtqueue;

/**
 * How the buffers that several senders have filled get into the used ring. Any thread; nobody waits for anybody: who finds another
 * publishing leaves his own to that one.
 */
interface Publication {
    /**
     * Shows buffers to the guest, which is called if it wants that.
     *
     * @param sender whose they are: 0 to 63, each a single thread
     * @param from position at which they were claimed
     * @param view the sender's own, at that position
     * @param buffers which
     * @param written bytes in each
     * @param count how many of them, 1 or more
     * @return false if that was left to another
     */
    boolean publish(int sender, long from, SplitVirtqueue view, BufferBatch buffers, int[] written, int count);
}

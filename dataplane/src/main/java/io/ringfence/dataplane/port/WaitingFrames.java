package io.ringfence.dataplane.port;

import io.ringfence.dataplane.telemetry.Counter;
import io.ringfence.dataplane.telemetry.Highest;
import io.ringfence.dataplane.telemetry.Latency;
import io.ringfence.dataplane.telemetry.Tally;

/** How many frames wait in a VM's transmit queues, and how long those took that wait no more. Owned by the VM's worker. */
final class WaitingFrames {
    private final Tally tally;
    private final Latency latency;
    private final Highest most;
    private int shown;

    WaitingFrames(Tally tally, Latency latency) {
        this.tally = tally;
        this.latency = latency;
        most = tally.highest(Counter.MOST_WAITING_FRAMES);
    }

    /**
     * Notes how long the frames took that are now with their receivers, and how many still wait.
     *
     * @param taken by the batch that has just ended: they waited together with those that still do, in whatever queues
     */
    void note(TransmitQueue[] transmit, long nowNanos, int taken) {
        int waiting = 0;
        for (TransmitQueue queue : transmit) {
            Arrivals arrivals = queue.arrivals;
            int next = queue.virtqueue.nextAvailable();
            if (arrivals.passed(next, nowNanos)) {
                latency.note(arrivals.worstNanos());
                latency.noteHeldUp(arrivals.worstHeldUpNanos());
            }
            waiting += arrivals.waiting(next);
        }
        most.note(waiting + taken);
        if (waiting != shown) {
            shown = waiting;
            tally.show(Counter.WAITING_FRAMES, waiting);
        }
    }
}

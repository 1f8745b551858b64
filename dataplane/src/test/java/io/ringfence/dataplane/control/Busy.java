package io.ringfence.dataplane.control;

import io.ringfence.dataplane.delivery.Held;
import io.ringfence.dataplane.segment.Segment;
import io.ringfence.dataplane.worker.WorkerCommand;

/** Keeps a worker from its commands: it waits for a claim that it does not get, as one does that has no CPU time left. */
final class Busy {
    /** A place that no member of a test has. */
    private static final int STRANGER = 63;

    private Busy() {}

    static void hold(VmWorker worker, Segment segment) {
        Held.claim(worker.member().receive(), STRANGER);
        worker.submit(new WorkerCommand.Join(
                segment.network(), segment.peers(worker.member().index()), () -> {}));
    }

    static void letGo(VmWorker worker) {
        Held.release(worker.member().receive());
    }
}

package io.ringfence.dataplane.worker;

import io.ringfence.dataplane.port.GuestPort;

/**
 * When a worker that has run dry comes back: soon, or when it is called.
 *
 * <p>A wake-up costs some 5 us of kernel and cold caches, and under SCHED_DEADLINE it preempts the neighbour on the same
 * CPU. So under load the worker comes by itself after a short native sleep, with notifications off, and takes everything
 * that has come meanwhile: large batches, no kicks. After several visits that found nothing it asks to be kicked and
 * blocks: an idle VM costs nothing.
 */
final class VisitPolicy {
    /** The pace: bounds both the latency that a visit adds and how much comes together. */
    static final long PACE_NANOS = 20_000;

    /** How long a visit may last before the worker looks at its budget and its commands. */
    static final long VISIT_NANOS = 100_000;

    private static final int DRY_VISITS_BEFORE_BLOCKING = 3;

    private int dryVisits;

    /** Notes what a visit found; true if the worker should block now instead of pacing. */
    boolean quiet(int found) {
        if (found != GuestPort.DRY) {
            dryVisits = 0;
            return false;
        }
        if (++dryVisits < DRY_VISITS_BEFORE_BLOCKING) {
            return false;
        }
        dryVisits = 0;
        return true;
    }
}

package io.ringfence.bench.calibrate;

import io.ringfence.dataplane.port.GuestPort;
import io.ringfence.dataplane.telemetry.Counter;
import io.ringfence.dataplane.telemetry.Tally;
import io.ringfence.scheduler.BudgetMeter;
import io.ringfence.scheduler.NativeThread;
import io.ringfence.scheduler.Reservation;

/**
 * What a worker does from one sleep to the next, as {@code Worker} does it: a visit, a look for reports, a look at the
 * budget. Owned by the thread of the worker's code.
 */
final class WorkerRound {
    /** Longer than any visit here, so that none ends for its time. */
    static final long VISIT_NANOS = 1_000_000_000;

    private static final Reservation RESERVATION = new Reservation(500_000, 1_000_000);

    private final GuestPort port;
    private final Tally tally;
    private final NativeThread self = new NativeThread();
    private final BudgetMeter meter = new BudgetMeter(RESERVATION, self);

    WorkerRound(GuestPort port, Tally tally) {
        this.port = port;
        this.tally = tally;
    }

    /** Begins a period: what came before is not on its budget. */
    void beginPeriod() {
        meter.yielded(System.nanoTime());
    }

    /** One round; returns whether the budget is spent, which has no meaning here. */
    boolean run(long nowNanos) {
        port.visit(nowNanos, nowNanos + VISIT_NANOS);
        tally.add(Counter.VISITS, 1);
        if (port.newFault() != null || port.takeMemoryLost()) {
            throw new IllegalStateException("a guest of the calibration broke a rule");
        }
        return meter.spent(System.nanoTime());
    }
}

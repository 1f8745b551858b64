package io.ringfence.bench.calibrate;

import io.ringfence.dataplane.delivery.Doorbell;
import io.ringfence.dataplane.port.GuestPort;
import io.ringfence.scheduler.BudgetMeter;
import io.ringfence.scheduler.NativeThread;
import io.ringfence.scheduler.Reservation;
import io.ringfence.vhostuser.event.EventSet;

/** How a worker sleeps and wakes, as {@code Worker} does it. Owned by the thread of the worker's code. */
final class SleepingWorker {
    private static final long PACE_NANOS = 20_000;
    private static final int GIVE_UP_MILLIS = 1_000;
    private static final Reservation RESERVATION = new Reservation(500_000, 1_000_000);

    private final GuestPort port;
    private final Doorbell doorbell;
    private final EventSet events;
    private final NativeThread self = new NativeThread();
    private final BudgetMeter meter = new BudgetMeter(RESERVATION, self);

    SleepingWorker(GuestPort port, Doorbell doorbell, EventSet events) {
        this.port = port;
        this.doorbell = doorbell;
        this.events = events;
        meter.yielded(System.nanoTime());
    }

    /** Takes all frames there are, and signals of the past, so that the next {@link #block} does block. */
    void takeAll() {
        long now = System.nanoTime();
        port.visit(now, now + WorkerRound.VISIT_NANOS);
        events.await(0);
    }

    /** Blocks until it is kicked; false if it was kicked before it could, or never. */
    boolean block() {
        doorbell.listen();
        boolean pending = port.arm();
        boolean kicked = false;
        if (!pending) {
            meter.aboutToSleep(System.nanoTime());
            kicked = events.await(GIVE_UP_MILLIS) > 0;
            meter.wokeUp(System.nanoTime());
        }
        doorbell.ignore();
        port.disarm();
        return kicked;
    }

    /** Sleeps for the pace of a busy worker. */
    void pace() {
        long now = System.nanoTime();
        long wake = now + PACE_NANOS;
        meter.aboutToSleep(now);
        self.sleepUntil(wake);
        meter.wokeUp(wake, System.nanoTime());
    }
}

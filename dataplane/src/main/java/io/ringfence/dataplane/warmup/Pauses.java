package io.ringfence.dataplane.warmup;

import io.ringfence.scheduler.BudgetMeter;
import io.ringfence.scheduler.NativeThread;
import io.ringfence.scheduler.Reservation;
import io.ringfence.vhostuser.event.EventSet;

/** What a worker does between visits: looks at its budget, yields, sleeps, waits for events. */
final class Pauses {
    private static final int PAUSES = 8;
    /** So little that whatever is done overdraws it. */
    private static final Reservation OVERDRAWN = new Reservation(5_000, 10_000);

    private Pauses() {}

    /** Some in no time: every wait is over when it begins. */
    static void rehearse(NativeThread self, BudgetMeter meter, EventSet events) {
        for (int i = 0; i < PAUSES; i++) {
            pause(self, meter, events);
        }
    }

    private static void pause(NativeThread self, BudgetMeter meter, EventSet events) {
        long now = System.nanoTime();
        if (meter.spent(now)) {
            self.yieldUntilNextPeriod();
            meter.yielded(System.nanoTime());
        }
        if (meter.spentBySleeping(now)) {
            self.yieldUntilNextPeriod();
            meter.yielded(System.nanoTime());
        }
        meter.aboutToSleep(now);
        self.sleepUntil(now);
        meter.wokeUp(now, System.nanoTime());
        meter.aboutToSleep(now);
        events.await(0);
        events.awaitNanos(0);
        meter.wokeUp(System.nanoTime());
    }

    /** What a host does to a worker now and then: more than the runtime is used when it goes to sleep, and its deadline passes meanwhile. */
    static void rehearseOverdrawn(NativeThread self, EventSet events) {
        BudgetMeter meter = new BudgetMeter(OVERDRAWN, self);
        if (meter.spent(System.nanoTime())) {
            self.yieldUntilNextPeriod();
            meter.yielded(System.nanoTime());
        }
        for (int i = 0; i < PAUSES; i++) {
            beBusyFor(2 * OVERDRAWN.runtimeNanos());
            meter.aboutToSleep(System.nanoTime());
            long wake = System.nanoTime() + 2 * OVERDRAWN.periodNanos();
            if (i % 2 == 0) {
                self.sleepUntil(wake);
                meter.wokeUp(wake, System.nanoTime());
            } else {
                events.awaitNanos(2 * OVERDRAWN.periodNanos());
                meter.wokeUp(System.nanoTime());
            }
        }
    }

    private static void beBusyFor(long nanos) {
        long untilNanos = System.nanoTime() + nanos;
        while (System.nanoTime() - untilNanos < 0) {
            Thread.onSpinWait();
        }
    }
}

package io.ringfence.scheduler;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;

/** A worker that works, sleeps and is preempted at random, as far as EDF lets others preempt it. */
final class RandomWorker {
    private static final long BEGIN_NANOS = 1_000_000_000;

    final Reservation reservation;
    final Random random;
    final SimulatedServer server;
    private final BudgetMeter meter;
    private long now = BEGIN_NANOS;

    RandomWorker(Reservation reservation, long driftDivisor, Random random) {
        this.reservation = reservation;
        this.random = random;
        this.server = new SimulatedServer(reservation, driftDivisor, now);
        this.meter = new BudgetMeter(reservation, server);
    }

    void run(int visits) {
        assertThat(meter.spent(now)).as("a new meter demands a yield").isTrue();
        yieldNow();
        for (int visit = 0; visit < visits; visit++) {
            work();
            sleep();
        }
    }

    private void work() {
        int batches = random.nextInt(4) == 0 ? 200 : random.nextInt(5);
        for (int batch = 0; batch < batches; batch++) {
            if (meter.spent(now)) {
                yieldNow();
            }
            long end = now + 1 + random.nextLong(BudgetMeter.defaultMarginNanos(reservation) / 2);
            server.run(now, end);
            now = end;
            assertThat(server.leftNanos()).as("runtime left of %s", reservation).isPositive();
            if (random.nextInt(3) == 0) {
                now += random.nextLong(server.laxityNanos(now) + 1);
            }
        }
    }

    private void yieldNow() {
        passThroughKernel();
        now = server.giveUp(now);
        now += random.nextLong(server.laxityNanos(now) + 1);
        passThroughKernel();
        meter.yielded(now);
        assertThat(meter.spent(now)).as("starved after a yield").isFalse();
    }

    private void sleep() {
        if (meter.spentBySleeping(now)) {
            yieldNow();
        }
        meter.aboutToSleep(now);
        passThroughKernel();
        if (random.nextInt(8) == 0) {
            // A poll that finds something at once: the thread never left the CPU, and the kernel begins no period.
            meter.wokeUp(now);
            return;
        }
        long wakeNanos = now + random.nextLong(reservation.periodNanos() * (1 + random.nextInt(3)));
        server.wake(wakeNanos);
        now = wakeNanos + random.nextLong(server.laxityNanos(wakeNanos) + 1);
        passThroughKernel();
        if (random.nextBoolean()) {
            meter.wokeUp(wakeNanos, now);
        } else {
            meter.wokeUp(now);
        }
    }

    /** Half of a sleep or a yield: CPU time that the worker's own wall clock does not see. */
    private void passThroughKernel() {
        long end = now + random.nextLong(BudgetMeter.defaultMarginNanos(reservation) / 4);
        server.run(now, end);
        now = end;
        assertThat(server.leftNanos()).as("runtime left of %s", reservation).isPositive();
    }
}

package io.ringfence.dataplane.worker;

import io.ringfence.dataplane.telemetry.Counter;
import io.ringfence.dataplane.telemetry.Tally;
import io.ringfence.scheduler.BudgetMeter;
import io.ringfence.scheduler.NativeThread;
import io.ringfence.scheduler.Reservation;
import org.jspecify.annotations.Nullable;

/** The {@link BudgetMeter} of a worker, if it has one: without, there is always something left. Owned by the worker. */
final class Metering {
    /** What a batch of plain frames and the way to the yield take; what else may happen is rare, and a debt then: {@link BudgetMeter}. */
    private static final long LEAST_MARGIN_NANOS = 15_000;

    private final NativeThread self;
    private final Tally tally;
    private @Nullable BudgetMeter meter;
    private long periodNanos;
    private long countedOverruns;

    Metering(NativeThread self, Tally tally) {
        this.self = self;
        this.tally = tally;
    }

    /** Meters by this reservation from now on. */
    BudgetMeter keepTo(Reservation reservation) {
        long runtime = reservation.runtimeNanos();
        self.watchServer();
        BudgetMeter begun = BudgetMeter.learning(
                reservation, LEAST_MARGIN_NANOS, runtime - Worker.MODEL.usableNanos(runtime), self);
        meter = begun;
        countedOverruns = 0;
        periodNanos = reservation.periodNanos();
        return begun;
    }

    /** Meters no more. */
    void end() {
        meter = null;
        countedOverruns = 0;
        periodNanos = 0;
    }

    /** Of the reservation; 0 without one. */
    long periodNanos() {
        return periodNanos;
    }

    /** How long a visit may take that begins now. */
    long visitNanos(long now) {
        BudgetMeter budget = meter;
        return budget == null ? VisitPolicy.VISIT_NANOS : Math.min(VisitPolicy.VISIT_NANOS, budget.remainingNanos(now));
    }

    boolean spent(long now) {
        BudgetMeter budget = meter;
        return budget != null && budget.spent(now);
    }

    boolean spentBySleeping(long now) {
        BudgetMeter budget = meter;
        return budget != null && budget.spentBySleeping(now);
    }

    /** Notes that the worker is back from a yield, in the next period. */
    void yielded(long now) {
        BudgetMeter budget = meter;
        if (budget != null) {
            budget.yielded(now);
            tally.add(Counter.THROTTLES, budget.overruns() - countedOverruns);
            countedOverruns = budget.overruns();
        }
    }

    /** To be called just before the worker sleeps or waits. */
    void aboutToSleep(long now) {
        BudgetMeter budget = meter;
        if (budget != null) {
            budget.aboutToSleep(now);
        }
    }

    /** Notes that somebody woke the worker up. */
    void wokeUp(long awake) {
        BudgetMeter budget = meter;
        if (budget != null) {
            budget.wokeUp(awake);
        }
    }

    /** Notes that a timer woke the worker up, and tells the policy what a sleep takes. */
    void wokeUp(long wake, long awake, VisitPolicy policy) {
        BudgetMeter budget = meter;
        if (budget != null) {
            budget.wokeUp(wake, awake);
            policy.sleepTakes(budget.usualSleepNanos());
        }
    }
}

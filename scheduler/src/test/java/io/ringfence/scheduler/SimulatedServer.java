package io.ringfence.scheduler;

import java.util.function.DoubleSupplier;

/**
 * The kernel's constant bandwidth server for one thread, written down plainly from kernel/sched/deadline.c, and the
 * thread's CPU clock. Its clock runs {@code 1 + 1/driftDivisor} times as fast as nanoTime (0: just as fast).
 */
final class SimulatedServer implements ThreadClock {
    private final long runtimeNanos;
    private final long periodNanos;
    private final long driftDivisor;
    private long cpuNanos = 123_456_789;
    private long leftNanos;
    private long deadlineNanos;
    private boolean tells;
    private DoubleSupplier charge = () -> 1;

    SimulatedServer(Reservation reservation, long driftDivisor, long nowNanos) {
        this.runtimeNanos = reservation.runtimeNanos();
        this.periodNanos = reservation.periodNanos();
        this.driftDivisor = driftDivisor;
        this.leftNanos = runtimeNanos;
        this.deadlineNanos = kernelTime(nowNanos) + periodNanos;
    }

    /** {@code update_dl_entity()}. */
    void wake(long nowNanos) {
        long now = kernelTime(nowNanos);
        boolean overflow =
                (periodNanos >> 10) * (leftNanos >> 10) > ((deadlineNanos - now) >> 10) * (runtimeNanos >> 10);
        if (deadlineNanos < now || overflow) {
            deadlineNanos = now + periodNanos;
            leftNanos = runtimeNanos;
        }
    }

    void run(long fromNanos, long toNanos) {
        long used = kernelTime(toNanos) - kernelTime(fromNanos);
        cpuNanos += used;
        leftNanos -= (long) Math.ceil(used * charge.getAsDouble());
    }

    /** {@code yield_task_dl()} and the timer at the deadline, {@code replenish_dl_entity()}; returns when it fires. */
    long giveUp(long nowNanos) {
        long fires = nowNanos;
        while (kernelTime(fires) < deadlineNanos) {
            fires += Math.max(1, (deadlineNanos - kernelTime(fires)) / 2);
        }
        leftNanos = Math.min(leftNanos, 0);
        while (leftNanos <= 0) {
            deadlineNanos += periodNanos;
            leftNanos += runtimeNanos;
        }
        if (deadlineNanos < kernelTime(fires)) {
            deadlineNanos = kernelTime(fires) + periodNanos;
            leftNanos = runtimeNanos;
        }
        return fires;
    }

    /** Not above 0 means throttled. */
    long leftNanos() {
        return leftNanos;
    }

    /** How long others may run now without this server missing its deadline: EDF lets them no longer. */
    long laxityNanos(long nowNanos) {
        return Math.max(0, deadlineNanos - kernelTime(nowNanos) - leftNanos);
    }

    @Override
    public long cpuTimeNanos() {
        return cpuNanos;
    }

    /** Says from now on what is left. */
    SimulatedServer telling() {
        tells = true;
        return this;
    }

    /** Charges this part of the time used from now on: {@code grub_reclaim()}. */
    SimulatedServer charging(DoubleSupplier part) {
        charge = part;
        return this;
    }

    @Override
    public long runtimeLeftNanos() {
        return tells ? leftNanos : UNKNOWN;
    }

    private long kernelTime(long nowNanos) {
        return driftDivisor == 0 ? nowNanos : nowNanos + nowNanos / driftDivisor;
    }
}

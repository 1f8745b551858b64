package io.ringfence.scheduler;

import io.ringfence.scheduler.SchedulingRefusedException.Rule;

/**
 * What a CPU can take. Arithmetic gives an upper bound without touching anything; how much fits below it (fair servers take
 * a share, which differs by kernel) only the kernel knows, so it is probed by trying.
 */
public final class AdmissionControl {
    /** A short period, so that the kernel releases the probe's bandwidth soon. */
    private static final long PROBE_PERIOD_NANOS = 1_000_000;

    private static final int PROBE_STEPS = 500;

    private static final long ENFORCED_WITHIN_NANOS = 200_000_000;
    private static final long ENFORCED_PAUSE_MILLIS = 10;

    private AdmissionControl() {}

    /** {@code sched_rt_runtime_us / sched_rt_period_us}, the bound per CPU; 1 if admission is switched off (-1). */
    public static double limit() {
        return RealtimeRuntime.read().share();
    }

    /**
     * The share of the partition's CPU that the kernel would admit now, beside what runs there, to 0.002. What the probe
     * held is released when this returns.
     */
    public static double probeResidual(CpuPartition partition) {
        try (var probe = new ProbeThread(partition::admit)) {
            int admitted = 0;
            int refused = PROBE_STEPS + 1;
            while (refused - admitted > 1) {
                int middle = (admitted + refused) / 2;
                var reservation = new Reservation(PROBE_PERIOD_NANOS * middle / PROBE_STEPS, PROBE_PERIOD_NANOS);
                if (ThreadScheduling.tryDeadline(probe.threadId(), reservation)) {
                    admitted = middle;
                } else {
                    refused = middle;
                }
            }
            return (double) admitted / PROBE_STEPS;
        }
    }

    /**
     * Waits until the kernel limits a new partition as the one CPU it is.
     *
     * <p>Root domains are rebuilt in the background after cpusets have changed. Until then a reservation would be admitted
     * against all CPUs together, and nothing would hold it to what this CPU can give (seen once, with 1.0 of a CPU).
     *
     * @throws SchedulingRefusedException if that does not happen within 200 ms
     */
    static void awaitEnforced(CpuPartition partition) {
        RealtimeRuntime realtime = RealtimeRuntime.read();
        if (!realtime.limited()) {
            return; // admission is switched off: there is nothing to wait for
        }
        long deadlineNanos = System.nanoTime() + ENFORCED_WITHIN_NANOS;
        var moreThanHalf =
                new Reservation(Math.round(PROBE_PERIOD_NANOS * 0.51 * realtime.share()), PROBE_PERIOD_NANOS);
        while (admitsTwice(partition, moreThanHalf)) {
            if (System.nanoTime() - deadlineNanos > 0 || !ThreadScheduling.pause(ENFORCED_PAUSE_MILLIS)) {
                throw new SchedulingRefusedException(
                        Rule.PARTITION,
                        "the kernel admits more than one CPU can give in the partition of CPU " + partition.cpu()
                                + ": it has not become a root domain of its own; does another program change cpusets?");
            }
        }
    }

    /** Two threads, for one alone could have all of a CPU where the limit is 1. */
    private static boolean admitsTwice(CpuPartition partition, Reservation reservation) {
        try (var first = new ProbeThread(partition::admit);
                var second = new ProbeThread(partition::admit)) {
            return ThreadScheduling.tryDeadline(first.threadId(), reservation)
                    && ThreadScheduling.tryDeadline(second.threadId(), reservation);
        }
    }
}

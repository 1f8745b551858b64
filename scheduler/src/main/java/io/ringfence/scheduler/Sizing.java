package io.ringfence.scheduler;

import io.ringfence.scheduler.linux.Proc;
import java.util.Comparator;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongPredicate;
import java.util.stream.IntStream;

/**
 * Derives the reservation that keeps a guarantee, from what packets cost on this host. Only arithmetic; docs/guarantees.md
 * explains each step.
 *
 * <p>In short: the work of a VM that keeps to its guarantee is bounded in any time t ({@link Demand}). A worker with a
 * runtime Q of which it uses q, every period P, may be without the CPU for {@code 2P - q}; after that it has q in every
 * period. The period is a quarter of the latency bound, the runtime the least with which the last packet of a burst is out
 * in time.
 */
public final class Sizing {
    /** For VMs without a latency bound: a period of 4 ms, which every worker with a bound of less preempts. */
    public static final long RELAXED_LATENCY_NANOS = 16_000_000;

    /** Added to every cost: the p99 of the cost model is neither a worst case nor of this very guest; interrupts. */
    public static final double COST_MARGIN = 0.25;

    /** A runtime holds a bounded batch and the way through the kernel, or the kernel would throttle the worker. */
    public static final long SHORTEST_RUNTIME_NANOS = 20_000;

    private static final int PERIODS_PER_LATENCY = 4;
    /** The pace that is preferred is a tenth of the latency bound; where sleeping is dear, up to a quarter. */
    private static final int[] PACES_PER_LATENCY = {10, 7, 5, 4};

    private static final long MICRO = 1_000;
    private static final double SECOND = 1e9;

    private final WorkerModel worker;
    private final long shortestPeriodNanos;
    private final double packetNanos;
    private final double blockedNanos;
    private final double pacedNanos;

    /**
     * @param packet the packets that guarantees are about: the dearest of the ordinary ones, in both directions
     * @param shortestPeriodNanos the kernel's bound
     */
    public Sizing(CostModel costs, FrameShape packet, WorkerModel worker, long shortestPeriodNanos) {
        this.worker = worker;
        this.shortestPeriodNanos = shortestPeriodNanos;
        double margin = 1 + COST_MARGIN;
        double visitNanos = margin
                * (costs.transmit().perVisit().p99Nanos()
                        + costs.receive().perVisit().p99Nanos());
        // For every packet that a VM sends, its worker may have to take in another from the VM's backlog.
        packetNanos = margin
                        * (costs.transmit().frameNanos(packet, CostDistribution::p99Nanos)
                                + costs.receive().frameNanos(packet, CostDistribution::p99Nanos))
                + visitNanos / worker.batchPackets();
        blockedNanos = margin * costs.wakeUp().blocked().p99Nanos() + visitNanos;
        pacedNanos = margin * costs.wakeUp().paced().p99Nanos() + visitNanos;
    }

    /** The kernel's shortest period, {@code /proc/sys/kernel/sched_deadline_period_min_us}. */
    public static long shortestPeriodNanos() {
        return MICRO * Proc.kernelSetting("sched_deadline_period_min_us").orElse(100L);
    }

    /** The least reservation that keeps the guarantee, with the shortest pace of those; empty if a whole CPU does not. */
    public Optional<SizedReservation> of(Guarantee guarantee) {
        // min() takes the first of equals.
        return IntStream.of(PACES_PER_LATENCY)
                .mapToObj(paces -> leastRuntime(guarantee, demand(guarantee, paceNanos(guarantee, paces))))
                .flatMap(Optional::stream)
                .min(Comparator.comparingLong(sized -> sized.reservation().runtimeNanos()));
    }

    private Optional<SizedReservation> leastRuntime(Guarantee guarantee, Demand demand) {
        long periodNanos = periodNanos(guarantee);
        long waitNanos = latencyNanos(guarantee) - demand.paceNanos();
        LongPredicate keeps =
                runtimeMicros -> demand.worstWaitNanos(usableNanos(runtimeMicros * MICRO), periodNanos) <= waitNanos;
        OptionalLong least = least(SHORTEST_RUNTIME_NANOS / MICRO, periodNanos / MICRO, keeps);
        return least.isEmpty()
                ? Optional.empty()
                : Optional.of(sized(guarantee, demand, new Reservation(least.getAsLong() * MICRO, periodNanos)));
    }

    private SizedReservation sized(Guarantee guarantee, Demand demand, Reservation reservation) {
        long usableNanos = usableNanos(reservation.runtimeNanos());
        long waitNanos = demand.worstWaitNanos(usableNanos, reservation.periodNanos());
        return new SizedReservation(guarantee, demand, reservation, usableNanos, demand.paceNanos() + waitNanos);
    }

    /** Less than a sleep is of no use to a worker that has run dry: it yields then, and the way back costs as much of the next period. */
    long usableNanos(long runtimeNanos) {
        long workNanos = worker.usableNanos(runtimeNanos);
        return workNanos - Math.min((long) pacedNanos, BudgetMeter.longestSleepNanos(workNanos));
    }

    /** The period of a reservation that keeps the guarantee. */
    public long periodNanos(Guarantee guarantee) {
        return Math.max(latencyNanos(guarantee) / PERIODS_PER_LATENCY / MICRO * MICRO, shortestPeriodNanos);
    }

    /**
     * What the guarantee asks of a worker, whether or not a CPU can give it. In the long run the dearest way to send at no more
     * than the rate counts, which is not always the fastest: wake-ups cost more than packets.
     */
    public Demand demand(Guarantee guarantee) {
        return demand(guarantee, paceNanos(guarantee, PACES_PER_LATENCY[0]));
    }

    private Demand demand(Guarantee guarantee, long paceNanos) {
        double paces = SECOND / paceNanos;
        double packets = guarantee.packetsPerSecond();
        int burst = guarantee.burstPackets();
        // Each packet may come with one of the backlog, and each of the two may wake the worker.
        double few = Math.min(packets, paces / 2);
        double fewNanos = few * packetNanos + 2 * few * blockedNanos + paces * pacedNanos;
        double most = worker.wakeUpsPerPace() * paces;
        double blockingNanos = Math.min(packets, most) * packetNanos + Math.min(2 * packets, most) * blockedNanos;
        double pacingNanos = packets * packetNanos + paces * pacedNanos;
        double rateNanos = Math.max(fewNanos, Math.max(blockingNanos, pacingNanos));
        // As long as a burst lasts, its packets may wake the worker as often as it lets itself be woken.
        double burstRateNanos =
                Math.min(packets, most) * packetNanos + Math.max(most * blockedNanos, paces * pacedNanos);
        double packetsNanos = burst * packetNanos + pacedNanos;
        return new Demand(
                paceNanos,
                packetNanos,
                packetsNanos + Math.min(2 * burst, worker.wakeUpsAtOnce()) * blockedNanos,
                Math.max(rateNanos, burstRateNanos) / SECOND,
                packetsNanos + Math.max(2 * burst, worker.wakeUpsAtOnce()) * blockedNanos,
                rateNanos / SECOND);
    }

    private static long latencyNanos(Guarantee guarantee) {
        return guarantee.latencyNanos().orElse(RELAXED_LATENCY_NANOS);
    }

    private long paceNanos(Guarantee guarantee, int pacesPerLatency) {
        long latencyNanos = latencyNanos(guarantee);
        // By then half of the ring is full at the guaranteed rate.
        long ringNanos = (long) (worker.ringPackets() / 2.0 * SECOND / guarantee.packetsPerSecond());
        long paceNanos = Math.min(Math.min(latencyNanos / pacesPerLatency, ringNanos), worker.longestPaceNanos());
        return Math.max(paceNanos, worker.shortestPaceNanos());
    }

    /** The least number in the range that passes, if all above it pass too. */
    static OptionalLong least(long from, long to, LongPredicate passes) {
        long failed = from - 1;
        long passed = to + 1;
        while (passed - failed > 1) {
            long middle = failed + (passed - failed) / 2;
            if (passes.test(middle)) {
                passed = middle;
            } else {
                failed = middle;
            }
        }
        return passed > to ? OptionalLong.empty() : OptionalLong.of(passed);
    }
}

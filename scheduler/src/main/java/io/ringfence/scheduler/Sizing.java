package io.ringfence.scheduler;

import io.ringfence.scheduler.linux.Proc;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongFunction;
import java.util.function.LongPredicate;

/**
 * Derives the reservation that keeps a guarantee, from what packets cost on this host. Only arithmetic; docs/guarantees.md
 * explains each step.
 *
 * <p>In short: the work of a VM that keeps to its guarantee never exceeds {@code burst + t * rate} in any time t. A worker
 * with a runtime Q of which it uses q, every period P, may be without the CPU for {@code 2P - q}; after that it has q in
 * every period. The period is a quarter of the latency bound, the runtime the least with which the last packet of a burst
 * is out in time.
 */
public final class Sizing {
    /** For VMs without a latency bound: a period of 4 ms, which every worker with a bound of less preempts. */
    public static final long RELAXED_LATENCY_NANOS = 16_000_000;

    /** Added to every cost: the p99 of the cost model is neither a worst case nor of this very guest; interrupts. */
    public static final double COST_MARGIN = 0.25;

    /** A runtime holds a bounded batch and the way through the kernel, or the kernel would throttle the worker. */
    public static final long SHORTEST_RUNTIME_NANOS = 20_000;

    private static final int PERIODS_PER_LATENCY = 4;
    private static final int PACES_PER_LATENCY = 10;
    /** A pair of packets just after each other makes a worker pace itself for some visits after it. */
    private static final int PACED_VISITS_PER_PACKET = 8;

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
        // For every packet that a VM sends, its worker may have to take in another from the VM's backlog.
        packetNanos = margin
                * (costs.transmit().frameNanos(packet, CostDistribution::p99Nanos)
                        + costs.receive().frameNanos(packet, CostDistribution::p99Nanos));
        double visitNanos = margin
                * (costs.transmit().perVisit().p99Nanos()
                        + costs.receive().perVisit().p99Nanos());
        blockedNanos = margin * costs.wakeUp().blocked().p99Nanos() + visitNanos;
        pacedNanos = margin * costs.wakeUp().paced().p99Nanos() + visitNanos;
    }

    /** The kernel's shortest period, {@code /proc/sys/kernel/sched_deadline_period_min_us}. */
    public static long shortestPeriodNanos() {
        return MICRO * Proc.kernelSetting("sched_deadline_period_min_us").orElse(100L);
    }

    /** The least reservation that keeps the guarantee; empty if even a whole CPU does not. */
    public Optional<SizedReservation> of(Guarantee guarantee) {
        long latencyNanos = guarantee.latencyNanos().orElse(RELAXED_LATENCY_NANOS);
        long periodNanos = periodNanos(guarantee);
        Demand demand = demand(guarantee);
        LongFunction<SizedReservation> sized = runtimeNanos -> {
            long usableNanos = worker.usableNanos(runtimeNanos);
            long waitNanos = worstWaitNanos(usableNanos, periodNanos, demand.burstNanos(), demand.rateShare());
            return new SizedReservation(
                    guarantee,
                    demand,
                    new Reservation(runtimeNanos, periodNanos),
                    usableNanos,
                    demand.paceNanos() + waitNanos);
        };
        LongPredicate keeps = runtimeMicros -> {
            SizedReservation candidate = sized.apply(runtimeMicros * MICRO);
            return candidate.usableNanos() >= demand.rateShare() * periodNanos
                    && candidate.worstLatencyNanos() <= latencyNanos;
        };
        OptionalLong least = least(SHORTEST_RUNTIME_NANOS / MICRO, periodNanos / MICRO, keeps);
        return least.isEmpty() ? Optional.empty() : Optional.of(sized.apply(least.getAsLong() * MICRO));
    }

    /** The period of a reservation that keeps the guarantee. */
    public long periodNanos(Guarantee guarantee) {
        long latencyNanos = guarantee.latencyNanos().orElse(RELAXED_LATENCY_NANOS);
        return Math.max(latencyNanos / PERIODS_PER_LATENCY / MICRO * MICRO, shortestPeriodNanos);
    }

    /** What the guarantee asks of a worker, whether or not a CPU can give it. */
    public Demand demand(Guarantee guarantee) {
        long paceNanos = paceNanos(guarantee, guarantee.latencyNanos().orElse(RELAXED_LATENCY_NANOS));
        return new Demand(paceNanos, packetNanos, burstNanos(guarantee), rateShare(guarantee, paceNanos));
    }

    private long paceNanos(Guarantee guarantee, long latencyNanos) {
        // By then half of the ring is full at the guaranteed rate.
        long ringNanos = (long) (worker.ringPackets() / 2.0 * SECOND / guarantee.packetsPerSecond());
        long paceNanos = Math.min(Math.min(latencyNanos / PACES_PER_LATENCY, ringNanos), worker.longestPaceNanos());
        return Math.max(paceNanos, worker.shortestPaceNanos());
    }

    private double burstNanos(Guarantee guarantee) {
        // Each packet may come with one of the backlog, and each of the two may wake the worker.
        double wakeUps = Math.min(2.0 * guarantee.burstPackets(), worker.wakeUpsAtOnce());
        return guarantee.burstPackets() * packetNanos + wakeUps * blockedNanos;
    }

    /** The dearest way to send at no more than the rate: not always the fastest, for wake-ups cost more than packets. */
    private double rateShare(Guarantee guarantee, long paceNanos) {
        double packets = guarantee.packetsPerSecond();
        double paces = SECOND / paceNanos;
        double few = Math.min(packets, paces / 2);
        double fewNanos = few * packetNanos
                + 2 * few * blockedNanos
                + Math.min(PACED_VISITS_PER_PACKET * few, paces) * pacedNanos;
        double most = worker.wakeUpsPerPace() * paces;
        double blockingNanos = Math.min(packets, most) * packetNanos + Math.min(2 * packets, most) * blockedNanos;
        double pacingNanos = packets * packetNanos + Math.min(2 * packets, paces) * pacedNanos;
        return Math.max(fewNanos, Math.max(blockingNanos, pacingNanos)) / SECOND;
    }

    /**
     * How long the last of {@code burstNanos + t * rateShare} of work may wait, with q of {@code usableNanos} in every
     * period after {@code 2P - q} without any: the largest distance between the two lines.
     *
     * <p>Work of {@code n * q + r}, r above 0 and at most q, is done after {@code 2P - q + n * P + r}. Within a step the
     * distance shrinks, for work comes more slowly than it is done; from one step to the next it does not grow either, as
     * long as the rate's share is below q/P. So it is largest at the start, or where the work first needs a step more.
     */
    static long worstWaitNanos(long usableNanos, long periodNanos, double burstNanos, double rateShare) {
        double steps = Math.ceil(burstNanos / usableNanos) - 1;
        double restNanos = burstNanos - steps * usableNanos;
        double startNanos = 2.0 * periodNanos - usableNanos + steps * periodNanos;
        double nextStepAfterNanos = (usableNanos - restNanos) / rateShare;
        return (long) Math.ceil(startNanos + Math.max(restNanos, periodNanos - nextStepAfterNanos));
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

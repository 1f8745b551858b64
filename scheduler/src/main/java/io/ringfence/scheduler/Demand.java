package io.ringfence.scheduler;

/**
 * The CPU time that a guarantee asks of a worker: in any time t no more than {@code burstNanos + t * burstShare}, nor more than
 * {@code totalBurstNanos + t * rateShare}. Margins are included.
 *
 * @param paceNanos how long the worker may sleep between two visits under load
 * @param packetNanos CPU time of a packet
 * @param burstNanos CPU time of a burst that comes all at once, with its wake-ups
 * @param burstShare share of a CPU that packets and wake-ups take as long as a burst lasts; at least rateShare
 * @param totalBurstNanos CPU time of a burst each of whose packets wakes the worker; at least burstNanos
 * @param rateShare share of a CPU that the rate with its wake-ups takes in the long run
 */
public record Demand(
        long paceNanos,
        double packetNanos,
        double burstNanos,
        double burstShare,
        double totalBurstNanos,
        double rateShare) {

    /** The earliest time after which so much work can have come. */
    double reachesAfterNanos(double workNanos) {
        return Math.max(0, Math.max((workNanos - burstNanos) / burstShare, (workNanos - totalBurstNanos) / rateShare));
    }

    /** When the first bound stops being the tighter one; infinite if it never does. */
    double burstLastsNanos() {
        return burstShare > rateShare
                ? (totalBurstNanos - burstNanos) / (burstShare - rateShare)
                : Double.POSITIVE_INFINITY;
    }

    /**
     * How long the last of this work may have to wait, with q of {@code usableNanos} in every period after {@code 2P - q}
     * without any.
     *
     * <p>Work of {@code n * q + r}, r above 0 and at most q, is done after {@code 2P - q + n * P + r}. Within a step the wait
     * shrinks, for work comes more slowly than it is done; so it is longest at the start or where work first needs a step
     * more. From one such moment to the next it does not grow either where work comes at no more than q/P: only those within
     * a burst count, and the next.
     *
     * @return Long.MAX_VALUE if the rate alone is more than q/P
     */
    long worstWaitNanos(long usableNanos, long periodNanos) {
        if (rateShare * periodNanos > usableNanos) {
            return Long.MAX_VALUE;
        }
        long firstNanos = 2 * periodNanos - usableNanos;
        double steps = Math.ceil(burstNanos / usableNanos) - 1;
        double worst = firstNanos + steps * periodNanos + burstNanos - steps * usableNanos;
        double lastsNanos = burstShare * periodNanos > usableNanos ? burstLastsNanos() : 0;
        double stepNanos;
        do {
            steps++;
            stepNanos = reachesAfterNanos(steps * usableNanos);
            worst = Math.max(worst, firstNanos + steps * periodNanos - stepNanos);
        } while (stepNanos < lastsNanos);
        return (long) Math.ceil(worst);
    }
}

package io.ringfence.scheduler;

/**
 * How a worker spends its reservation, as far as {@link Sizing} has to know.
 *
 * @param meterMarginNanos it stops itself so long before its runtime ends, or a fifth of the runtime before, if that is less
 * @param shortestPaceNanos the shortest time that it sleeps between two visits under load
 * @param longestPaceNanos the longest
 * @param wakeUpsPerPace with more packets than this per pace it no longer blocks but paces itself
 * @param wakeUpsAtOnce how often it may be woken beyond that before it has noticed
 * @param ringPackets packets that a guest's ring holds
 * @param batchPackets packets that it takes at once: in a longer visit, what a visit costs comes again for so many
 */
public record WorkerModel(
        long meterMarginNanos,
        long shortestPaceNanos,
        long longestPaceNanos,
        double wakeUpsPerPace,
        int wakeUpsAtOnce,
        int ringPackets,
        int batchPackets) {
    /** What the worker uses of a runtime before it stops itself. */
    public long usableNanos(long runtimeNanos) {
        return runtimeNanos - Math.min(runtimeNanos / 5, meterMarginNanos);
    }

    /** The longest time that a packet waits for the CPU where all that is to be done fits into one runtime. */
    public long worstLatencyNanos(Reservation reservation) {
        return 2 * reservation.periodNanos() + shortestPaceNanos;
    }
}

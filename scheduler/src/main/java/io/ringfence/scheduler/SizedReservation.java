package io.ringfence.scheduler;

/**
 * A reservation that keeps a guarantee, and the arithmetic behind it.
 *
 * @param guarantee what it keeps
 * @param demand what that asks of the worker
 * @param reservation runtime and period
 * @param usableNanos what the worker uses of the runtime before it stops itself
 * @param worstLatencyNanos the longest time that a packet takes; no longer than the guarantee's bound
 */
public record SizedReservation(
        Guarantee guarantee, Demand demand, Reservation reservation, long usableNanos, long worstLatencyNanos) {}

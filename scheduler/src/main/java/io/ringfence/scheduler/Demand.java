package io.ringfence.scheduler;

/**
 * The CPU time that a guarantee asks of a worker: no more than {@code burstNanos + t * rateShare} in any time t. Margins are
 * included.
 *
 * @param paceNanos how long the worker may sleep between two visits under load
 * @param packetNanos CPU time of a packet
 * @param burstNanos CPU time of a burst with its wake-ups
 * @param rateShare share of a CPU that the rate with its wake-ups takes in the long run
 */
public record Demand(long paceNanos, double packetNanos, double burstNanos, double rateShare) {}

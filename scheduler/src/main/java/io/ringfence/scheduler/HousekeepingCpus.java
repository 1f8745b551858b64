package io.ringfence.scheduler;

import java.util.BitSet;

/**
 * Where the threads of this process run that are no workers.
 *
 * @param cpus those CPUs
 * @param given what the process was started on, by its affinity and its cpuset
 */
public record HousekeepingCpus(BitSet cpus, BitSet given) {
    /** Whether none of them was given, so that others had to be taken from the cpuset. */
    public boolean areOthersThanGiven() {
        return !cpus.intersects(given);
    }
}

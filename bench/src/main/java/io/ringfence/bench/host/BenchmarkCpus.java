package io.ringfence.bench.host;

import io.ringfence.scheduler.HousekeepingAffinity;
import io.ringfence.scheduler.OnlineCpus;
import java.util.BitSet;
import java.util.Optional;

/**
 * Who has which CPU during a benchmark.
 *
 * @param load for the generator and everything else
 * @param dataplane for the packet work of the switch that is measured, and nothing else
 */
public record BenchmarkCpus(int load, int dataplane) {
    /** Why there are none, for the user. */
    public static final String TOO_FEW =
            "this host has one CPU; the benchmark needs two, for the switch and for the load";

    private static final int LOAD_CPU = 0;

    /**
     * Leaves the last CPU to the switch: this process, and what it starts from here on, keeps off it unless told otherwise.
     *
     * @return empty if this host has one CPU
     */
    public static Optional<BenchmarkCpus> divide() {
        int last = OnlineCpus.last();
        if (last == LOAD_CPU) {
            return Optional.empty();
        }
        BitSet dataplane = new BitSet();
        dataplane.set(last);
        HousekeepingAffinity.excludeCpus(dataplane);
        return Optional.of(new BenchmarkCpus(LOAD_CPU, last));
    }
}

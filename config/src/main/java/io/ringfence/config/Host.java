package io.ringfence.config;

import java.util.List;

/**
 * What the host gives to the dataplane.
 *
 * @param cpus the dataplane CPUs, at least one, each once; one partition each
 * @param scheduling the lowest rung of the scheduling ladder that the operator allows
 * @param idle what they do while there is nothing to do
 */
public record Host(List<Integer> cpus, SchedulingRung scheduling, CpuIdle idle) {
    public Host {
        cpus = List.copyOf(cpus);
    }
}

package io.ringfence.bench.steady;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the JVM of a dataplane told of an interval.
 *
 * @param offences of workers
 * @param workerBytes allocated by each worker
 * @param otherBytes allocated by each thread that is no worker and allocated anything
 * @param otherDeoptimisations in those threads
 * @param compilations finished
 * @param collections begun by the garbage collector
 * @param safepoints in which all threads stood still
 */
record Observation(
        List<Offence> offences,
        Map<String, Long> workerBytes,
        Map<String, Long> otherBytes,
        int otherDeoptimisations,
        int compilations,
        int collections,
        int safepoints) {
    Observation {
        offences = List.copyOf(offences);
        workerBytes = new TreeMap<>(workerBytes);
        otherBytes = new TreeMap<>(otherBytes);
    }
}

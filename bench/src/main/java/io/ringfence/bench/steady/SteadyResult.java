package io.ringfence.bench.steady;

import io.ringfence.dataplane.cost.HostIdentity;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * All that a run found; stored as JSON.
 *
 * @param scheduling the rung that all workers ran on
 * @param seconds how long each load was, each time
 * @param warmUpSeconds until two whole passes of the loads brought no deoptimisation, or patience ended
 * @param warmUp deoptimisations of workers until then, as the JVM's log words them, with how often each came
 * @param measuredSeconds how long the rest took, of which all else here is
 * @param carried by load, all passes together
 * @param counted what the dataplane counted meanwhile, of all VMs together
 * @param logged deoptimisations of workers in the JVM's log
 */
record SteadyResult(
        Instant startedAt,
        HostIdentity host,
        String scheduling,
        double seconds,
        double warmUpSeconds,
        Map<String, Integer> warmUp,
        double measuredSeconds,
        List<Carried> carried,
        Map<String, Long> counted,
        Observation observation,
        List<String> logged) {
    SteadyResult {
        warmUp = new TreeMap<>(warmUp);
        carried = List.copyOf(carried);
        counted = new TreeMap<>(counted);
        logged = List.copyOf(logged);
    }

    /** Frames of a load. */
    record Carried(Load load, long sent, long received) {}

    /** What is not as it must be, in words; empty if all is. */
    List<String> failures() {
        return Judgement.of(this);
    }
}

package io.ringfence.dataplane.control;

import io.ringfence.config.Configuration;
import io.ringfence.dataplane.admission.AdmissionPlan;
import io.ringfence.dataplane.cost.CostModelFile;
import io.ringfence.scheduler.CpuLimit;
import java.io.IOException;
import java.util.Set;

/** Starts dataplanes as {@code run} does, without its options. */
final class Started {
    private Started() {}

    /** With the cost model where {@code ringfence calibrate} leaves it. */
    static Dataplane of(Configuration configuration, EventLog log) throws IOException {
        CostModelFile costs = new CostModelFile(CostModelFile.DEFAULT);
        return Dataplane.start(
                configuration, wanted -> new AdmissionPlan(wanted, costs::load, CpuLimit::read), log, Set.of());
    }

    /** With a plan that there is already. */
    static Dataplane by(AdmissionPlan plan, EventLog log) throws IOException {
        return Dataplane.start(plan.configuration(), ignored -> plan, log, Set.of());
    }
}

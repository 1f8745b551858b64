package io.ringfence.dataplane.cli.report;

import io.ringfence.config.Configuration;
import io.ringfence.dataplane.admission.AdmissionPlan;
import io.ringfence.dataplane.cost.CostModelFile;
import io.ringfence.dataplane.cost.CostModelRefusedException;
import io.ringfence.dataplane.doctor.Finding;
import io.ringfence.dataplane.doctor.Finding.Level;
import io.ringfence.scheduler.CpuLimit;
import io.ringfence.scheduler.SchedulingRefusedException;
import java.util.List;

/** Whether this host can give the VMs of a configuration what they ask for, as findings; that the CPUs are there, the doctor says. */
public final class AdmissionFindings {
    /** What they are about. */
    public static final String SUBJECT = "admission";

    private AdmissionFindings() {}

    /** Returns a finding for each reason against the VMs, or one that there is none. */
    public static List<Finding> of(Configuration configuration, CostModelFile costs) {
        try {
            AdmissionPlan plan = new AdmissionPlan(configuration, costs::load, CpuLimit::read);
            List<String> refusals = plan.overcommitments();
            return refusals.isEmpty()
                    ? List.of(new Finding(SUBJECT, Level.OK, "the reservations of all VMs fit", ""))
                    : refusals.stream().map(AdmissionFindings::error).toList();
        } catch (CostModelRefusedException refused) {
            return List.of(new Finding(SUBJECT, Level.ERROR, refused.found(), "ringfence calibrate"));
        } catch (SchedulingRefusedException refused) {
            return String.valueOf(refused.getMessage())
                    .lines()
                    .map(AdmissionFindings::error)
                    .toList();
        }
    }

    /** A sentence, which may be followed by a line for each change that would help. */
    private static Finding error(String refusal) {
        List<String> lines = refusal.lines().map(String::strip).toList();
        List<String> changes = lines.subList(1, lines.size());
        return new Finding(
                SUBJECT,
                Level.ERROR,
                lines.getFirst(),
                changes.isEmpty() ? "`ringfence check` shows the plan" : String.join("; or ", changes));
    }
}
